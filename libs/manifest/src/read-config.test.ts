// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { placesOf } from '../test/tree-fixture.ts';
import { parseConfig, readConfig } from './index.ts';

const HEAD = 'apiVersion: promograph/v1\n';
const directory = mkdtempSync(join(tmpdir(), 'promograph-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('parseConfig', () => {
  it('reads every setting', async () => {
    const text = `${HEAD}registries:
  "localhost:5001":
    plainHttp: true
    listing: google
    requestsPerSecond: 2.5
    budgets: [{ requests: 5000, seconds: 60 }, { requests: 100, seconds: 1, actions: [upload, manifestWrite] }]
    countedPer: credential
    concurrency: 8
    ownMount: true
    caFile: certs/ca.pem
    authHosts: [auth.example.org, "auth.example.org:8443"]
  "*.example.org": {}
limiter: { store: memory, localShare: 0.25 }
`;
    const { config, findings } = await parseConfig(text);

    expect(findings).toEqual([]);
    expect(config).toMatchObject({
      apiVersion: 'promograph/v1',
      registries: {
        'localhost:5001': {
          plainHttp: true,
          listing: 'google',
          requestsPerSecond: 2.5,
          budgets: [
            { requests: 5000, seconds: 60 },
            { requests: 100, seconds: 1, actions: ['upload', 'manifestWrite'] },
          ],
          countedPer: 'credential',
          concurrency: 8,
          ownMount: true,
          caFile: 'certs/ca.pem',
          authHosts: ['auth.example.org', 'auth.example.org:8443'],
        },
        '*.example.org': {},
      },
      limiter: { store: 'memory', localShare: 0.25 },
      sha256: createHash('sha256').update(text).digest('hex'),
    });
  });

  it('takes sections whose lines are all commented out for absent', async () => {
    const { config, findings } = await parseConfig(`${HEAD}registries:\n#  localhost: {}\nlimiter:\n`);

    expect([findings, config.registries, config.limiter.store]).toEqual([[], {}, 'sqlite']);
  });

  it.each([
    ['a missing apiVersion', 'limiter: {}\n', 'missing-key 1:1'],
    ['a newer version', 'apiVersion: promograph/v9\nfuture: 1\n', 'version-unsupported 1:13'],
    ['a foreign version', 'apiVersion: v1\n', 'version-unsupported 1:13'],
    ['an unknown section', `${HEAD}sining: {}\n`, 'unknown-key 2:1'],
    [
      'an unknown setting of a registry',
      `${HEAD}registries:\n  a.example.org:\n    plainHTTP: true\n`,
      'unknown-key 4:5',
    ],
    ['a text for a boolean', `${HEAD}registries:\n  a.example.org:\n    plainHttp: "true"\n`, 'invalid-value 4:16'],
    ['a negative budget', `${HEAD}registries:\n  a.example.org:\n    requestsPerSecond: -1\n`, 'invalid-value 4:24'],
    [
      'a broken number of requests',
      `${HEAD}registries:\n  a.example.org:\n    concurrency: 1.5\n`,
      'invalid-value 4:18',
    ],
    ['an upper-case host', `${HEAD}registries:\n  A.example.org: {}\n`, 'invalid-value 3:3'],
    ['a star in the middle', `${HEAD}registries:\n  "a.*.org": {}\n`, 'invalid-value 3:3'],
    [
      'an entry of a list',
      `${HEAD}registries:\n  a.example.org:\n    authHosts: [b.example.org, "x y"]\n`,
      'invalid-value 4:32',
    ],
    ['an unknown store', `${HEAD}limiter:\n  store: files\n`, 'invalid-value 3:10'],
    ['a duplicate key', `${HEAD}limiter: {}\nlimiter: {}\n`, 'duplicate-key 3:1'],
    ['a list', '- a\n', 'wrong-type 1:1'],
    ['nothing at all', '', 'wrong-type 1:1'],
  ])('refuses %s', async (_name, text, place) => {
    const { config, findings } = await parseConfig(text);

    expect(placesOf(findings)).toEqual([place]);
    expect(config).toMatchObject({ registries: {}, limiter: { store: 'sqlite' } });
  });

  it('names the key that was probably meant', async () => {
    const { findings } = await parseConfig(`${HEAD}registries:\n  a.example.org:\n    listng: oci\n`);

    expect(findings[0]?.hint).toBe('Did you mean "listing"?');
  });

  it('takes a Redis, and refuses a password in its URL without repeating it', async () => {
    const plain = await parseConfig(`${HEAD}limiter:\n  store: rediss://me@cache.example.org:6380\n`);
    const { findings } = await parseConfig(`${HEAD}limiter:\n  store: redis://me:hunter2@cache.example.org\n`);

    expect([plain.findings, plain.config.limiter.store]).toEqual([[], 'rediss://me@cache.example.org:6380']);
    expect(findings).toMatchObject([{ code: 'store-password', at: { line: 3, column: 10 } }]);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });
});

describe('readConfig', () => {
  it('gives the defaults where there is no file', async () => {
    expect(await readConfig(directory)).toMatchObject({
      config: { apiVersion: 'promograph/v1', registries: {}, limiter: { store: 'sqlite' }, sha256: null },
      findings: [],
    });
  });

  it('reads the file that was named and throws when it is absent', async () => {
    const file = join(directory, 'other.yaml');
    writeFileSync(file, `${HEAD}limiter: { store: memory }\n`);

    expect((await readConfig(directory, file)).config.limiter.store).toBe('memory');
    await expect(readConfig(directory, `${file}.absent`)).rejects.toMatchObject({ code: 'MANIFEST_FILE_UNREADABLE' });
  });
});
