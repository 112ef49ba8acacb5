// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentConfig } from './environment-config.ts';
import { loadSettings } from './load-settings.ts';
import { parseConfig } from './parse-config.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'promograph-redirector-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const faultsOf = (text: string): string => {
  try {
    parseConfig(text, 'r.yaml');
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a configuration file', () => {
  const right = 'canonical:\n  - endpoint: https://c.example\n';

  it('that is right has no faults', () => {
    expect(faultsOf(right)).toBe('');
  });

  it.each([
    ['an unknown key', `${right}foo: 1\n`, 'r.yaml:3:1: unknown key foo'],
    ['an unknown key inside', `${right}health:\n  fail: 3\n`, 'r.yaml:4:3: unknown key fail'],
    [
      'a wrong value',
      `${right}probe: { timeout: 5 }\n`,
      'r.yaml:3:19: probe.timeout: Invalid input: expected string, received number',
    ],
    [
      'a wrong value in a list',
      'canonical:\n  - endpoint: ftp://x\n',
      'r.yaml:2:15: canonical.0.endpoint: must be https:// and a host, without a path',
    ],
    ['a missing key', 'listen: ":80"\n', 'r.yaml:1:1: canonical: Invalid input: expected array, received undefined'],
    ['a name that stands for nothing', `${right}default: mars\n`, 'r.yaml:3:10: default: there is no region mars'],
    ['a key that stands twice', `${right}canonical: []\n`, 'r.yaml:3:1: Map keys must be unique'],
    ['an alias', `a: &a 1\nb: *a\n`, 'r.yaml:1:1: aliases are not allowed'],
    ['nothing in it', '', 'r.yaml:1:1: : Invalid input: expected object, received null'],
  ])('with %s is refused with its place', (_name, text, expected) => {
    expect(faultsOf(text).split('\n')).toContain(expected);
  });
});

describe('settings', () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const regions = 'canonical: [{ endpoint: https://c.example }]\nregions: { west: { endpoint: https://w.example } }\n';
  const source = { env: {}, region: undefined, configFile: undefined };

  it('have ranges from a file beside the configuration', async () => {
    write('ranges.json', '{"version":1,"ranges":[{"cidr":"192.0.2.0/24","label":"aws:x"}]}');

    const settings = await loadSettings({
      ...source,
      configFile: write('r.yaml', `${regions}client: { ranges: ranges.json }\n`),
    });

    expect(settings.ranges?.find('192.0.2.1')).toBe('aws:x');
  });

  it('listen where the platform says, unless the file does', async () => {
    const env = { PORT: '9999' };

    expect((await loadSettings({ ...source, env, configFile: write('a.yaml', regions) })).listen).toEqual({
      host: undefined,
      port: 9999,
    });
    const own = write('b.yaml', `${regions}listen: "[::1]:81"\n`);
    expect((await loadSettings({ ...source, env, configFile: own })).listen).toEqual({ host: '::1', port: 81 });
  });

  it('have the limits of the reference, and room for ten thousand connections', async () => {
    const { limits } = await loadSettings({ ...source, configFile: write('r.yaml', regions) });

    expect(limits).toEqual({
      headerBytes: 16_384,
      requestTimeoutMs: 10_000,
      headersTimeoutMs: 2000,
      idleTimeoutMs: 75_000,
      connections: 10_000,
      drainMs: 5000,
    });
  });

  it('take the region of the instance', async () => {
    const configFile = write('r.yaml', regions);

    expect((await loadSettings({ ...source, configFile, region: 'west' })).policy.placement.fixed).toBe('west');
    await expect(loadSettings({ ...source, configFile, region: 'mars' })).rejects.toMatchObject({
      code: 'REDIRECTOR_CONFIG_INVALID',
    });
  });

  it.each([
    ['without file and variables', undefined, 'REDIRECTOR_CONFIG_MISSING'],
    ['with a file that is not there', '/nowhere/r.yaml', 'REDIRECTOR_FILE_UNREADABLE'],
  ])('%s are an error', async (_name, configFile, code) => {
    await expect(loadSettings({ ...source, configFile })).rejects.toMatchObject({ code });
  });
});

describe('the variables of the reference', () => {
  const digestPath = 'p/manifests/v1';
  const upstream = { UPSTREAM_REGISTRY_ENDPOINT: 'https://u.example', UPSTREAM_REGISTRY_PATH: '/prod/images/' };

  it('make one region, which is the canonical registry where no other is named', () => {
    expect(environmentConfig(upstream)).toMatchObject({
      canonical: [{ endpoint: 'https://u.example', prefix: 'prod/images' }],
      regions: { upstream: { endpoint: 'https://u.example', prefix: 'prod/images' } },
      default: 'upstream',
      client: { trustedHops: 2 },
    });
  });

  it('put the path in front of both registries', async () => {
    const env = {
      ...upstream,
      SIGNATURE_UPSTREAM_ENDPOINT: 'https://s.example',
      DEFAULT_AWS_BASE_URL: 'https://b.example',
    };

    const { policy } = await loadSettings({ env, configFile: undefined, region: undefined });

    const bases = policy.backends.map(({ base }) => base + (base.includes('/v2/') ? digestPath : ''));
    expect(bases).toEqual([
      `https://s.example/v2/prod/images/${digestPath}`,
      `https://u.example/v2/prod/images/${digestPath}`,
      'https://b.example/containers/images/',
    ]);
  });

  it('are named where they are wrong', () => {
    const env = { UPSTREAM_REGISTRY_ENDPOINT: 'u.example' };

    expect(() => environmentConfig(env)).toThrow(/^SIGNATURE_UPSTREAM_ENDPOINT, UPSTREAM_REGISTRY_ENDPOINT/);
  });

  it('are none without an upstream', () => {
    expect(environmentConfig({ PORT: '8080' })).toBeNull();
  });
});
