// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseSigningConfig, selectServices, type SigningServices } from './signing-services.ts';

const NOW = Date.parse('2026-11-21T00:00:00Z');
const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';

interface TestService {
  readonly url: string;
  readonly majorApiVersion: number;
  readonly validFor?: { readonly start?: string; readonly end?: string };
  readonly operator: string;
}

const service = (host: string, rest: Partial<TestService> = {}): TestService => ({
  url: `https://${host}.example`,
  majorApiVersion: 1,
  validFor: { start: '2026-01-01T00:00:00Z' },
  operator: 'one',
  ...rest,
});

interface TestConfig {
  readonly caUrls?: readonly TestService[];
  readonly rekorTlogUrls?: readonly TestService[];
  readonly rekorTlogConfig?: object;
  readonly tsaUrls?: readonly TestService[];
  readonly tsaConfig?: object;
}

const select = (config: TestConfig): SigningServices =>
  selectServices(
    parseSigningConfig(
      Buffer.from(
        JSON.stringify({
          mediaType: MEDIA_TYPE,
          rekorTlogConfig: { selector: 'ANY' },
          tsaConfig: { selector: 'ANY' },
          ...config,
        }),
      ),
    ),
    NOW,
  );

const logsOf = (config: TestConfig): readonly string[] =>
  select(config).logs.map(({ url, version }) => `${url.host} v${version}`);

describe('selectServices', () => {
  it('takes the highest version of a log, then the newest', () => {
    const newest = { validFor: { start: '2026-06-01T00:00:00Z' } };

    expect(logsOf({ rekorTlogUrls: [service('a'), service('b', { majorApiVersion: 2 })] })).toEqual(['b.example v2']);
    expect(logsOf({ rekorTlogUrls: [service('a'), service('b', newest)] })).toEqual(['b.example v1']);
    expect(logsOf({ rekorTlogUrls: [service('a'), service('b', { majorApiVersion: 3 })] })).toEqual(['a.example v1']);
  });

  it.each([
    ['not valid yet', { validFor: { start: '2026-12-01T00:00:00Z' } }],
    ['no longer valid', { validFor: { start: '2026-01-01T00:00:00Z', end: '2026-11-21T00:00:00Z' } }],
    ['without a beginning', { validFor: {} }],
    ['of an unknown version', { majorApiVersion: 9 }],
  ])('takes no service that is %s', (_, rest) => {
    const only = [service('a', rest)];

    expect(select({ caUrls: only, rekorTlogUrls: only, tsaUrls: only })).toEqual({
      certificateAuthority: null,
      logs: [],
      timestampAuthorities: [],
    });
  });

  it('takes as many as the config wants, one per operator', () => {
    const rekorTlogUrls = [service('a'), service('b'), service('c', { operator: 'two' })];
    const exact = (count: number): object => ({ selector: 'EXACT', count });

    expect(logsOf({ rekorTlogUrls, rekorTlogConfig: { selector: 'ALL' } })).toEqual(['a.example v1', 'c.example v1']);
    expect(logsOf({ rekorTlogUrls, rekorTlogConfig: exact(2) })).toEqual(['a.example v1', 'c.example v1']);
    expect(logsOf({ rekorTlogUrls, rekorTlogConfig: exact(1) })).toEqual(['a.example v1']);
    expect(() => logsOf({ rekorTlogUrls, rekorTlogConfig: exact(3) })).toThrow(/wants 3 transparency logs, 2/);
  });

  it('takes the whole address of a timestamp authority, or the usual path of a bare one', () => {
    const at = (url: string): string | undefined =>
      select({ tsaUrls: [service('a', { url })] }).timestampAuthorities[0]?.href;

    expect(at('https://tsa.example/own/path')).toBe('https://tsa.example/own/path');
    expect(at('https://tsa.example')).toBe('https://tsa.example/api/v1/timestamp');
  });

  it.each([
    ['plain http', 'http://log.example'],
    ['a look-alike of this machine', 'http://localhost.example'],
    ['a user', 'https://me:secret@log.example'],
    ['no URL', 'log.example'],
    ['a file', 'file:///etc/passwd'],
  ])('refuses %s', (_, url) => {
    expect(() => select({ rekorTlogUrls: [service('a', { url })] })).toThrow(
      expect.objectContaining({ code: 'SIGNING_CONFIG', message: expect.not.stringContaining('secret') }),
    );
  });

  it('lets this machine speak plain http', () => {
    expect(logsOf({ rekorTlogUrls: [service('a', { url: 'http://127.0.0.1:3000' })] })).toEqual(['127.0.0.1:3000 v1']);
  });
});

describe('parseSigningConfig', () => {
  it.each([
    ['no JSON', '{'],
    ['another version', '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.1+json"}'],
    ['something else', '[]'],
    ['a malformed config', `{"mediaType":"${MEDIA_TYPE}","rekorTlogConfig":{"selector":"SOME"}}`],
  ])('refuses %s', (_, text) => {
    expect(() => parseSigningConfig(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'SIGNING_CONFIG' }));
  });
});
