// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import {
  type RegistryClient,
  RegistryError,
  type RegistryErrorCode,
  type RepositoryContents,
} from '@promograph/registry';
import { describe, expect, it } from 'vitest';
import { snapshotRegistry } from './snapshot-registry.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

interface FakeRegistry {
  readonly repositories: Readonly<Record<string, Partial<RepositoryContents>>>;
  readonly catalog?: readonly string[] | null | RegistryErrorCode;
  readonly indexes?: Readonly<Record<string, readonly Digest[]>>;
}

/** A client over repositories in memory: only what a listing needs. */
function fakeClient({ repositories, catalog = null, indexes = {} }: FakeRegistry): {
  client: RegistryClient;
  calls: string[];
} {
  const calls: string[] = [];
  const client = {
    listRepository: async ({ path }: { path: string }) => {
      calls.push(path);
      const found = repositories[path];
      return found === undefined ? null : { tags: new Map(), digests: new Map(), children: [], ...found };
    },
    listCatalog: async () => {
      calls.push('_catalog');
      if (typeof catalog === 'string') throw new RegistryError(catalog, 'refused');
      return catalog;
    },
    getManifest: async (_: unknown, digest: string) => {
      calls.push(`index ${digest.slice(7, 8)}`);
      return { children: (indexes[digest] ?? []).map((child) => ({ digest: child })) };
    },
  };
  return { client: client as unknown as RegistryClient, calls };
}

function digest(digit: string): Digest {
  return `sha256:${digit.repeat(64)}` as Digest;
}

function holding(
  tags: Readonly<Record<string, string>>,
  untagged: readonly string[] = [],
): Partial<RepositoryContents> {
  const tagged = Object.entries(tags).map(([tag, digit]) => [tag, digest(digit)] as const);
  const digests = [...tagged.map(([, found]) => found), ...untagged.map(digest)];
  return { tags: new Map(tagged), digests: new Map(digests.map((found) => [found, ''])) };
}

async function names(registry: FakeRegistry, name: string): Promise<string[]> {
  const { images } = await snapshotRegistry(fakeClient(registry).client, { registry: name });
  return images.map((image) => image.name);
}

describe('snapshotRegistry', () => {
  it('walks a Google-style host through its children, without its catalogue', async () => {
    const { client, calls } = fakeClient({
      repositories: {
        p: { children: ['a', 'b'] },
        'p/a': { ...holding({ v1: '1' }), children: ['deep'] },
        'p/a/deep': holding({ v1: '2' }),
        'p/b': holding({ v2: '3' }),
      },
      catalog: ['p/never'],
    });

    const { images } = await snapshotRegistry(client, { registry: 'host.example/p' });

    expect(images.map(({ name }) => name)).toEqual(['a', 'a/deep', 'b']);
    expect(calls).not.toContain('_catalog');
  });

  it('finds the repositories of other hosts in the catalogue, up to a slash', async () => {
    const repositories = { 'p/a': holding({ v1: '1' }), 'p2/b': holding({ v1: '2' }), p: holding({ v1: '3' }) };
    const catalog = Object.keys(repositories);

    expect(await names({ repositories, catalog }, 'host.example/p')).toEqual(['a', 'p']);
    expect(await names({ repositories, catalog }, 'host.example/p/')).toEqual(['a', 'p']);
    expect(await names({ repositories, catalog }, 'host.example')).toEqual(['p', 'p/a', 'p2/b']);
  });

  it('asks for each repository once, and never for what is no repository path', async () => {
    const { client, calls } = fakeClient({
      repositories: { p: { children: ['a', 'a', '../escape', 'Upper'] }, 'p/a': holding({ v1: '1' }) },
    });

    await snapshotRegistry(client, { registry: 'host.example/p' });

    expect(calls).toEqual(['p', 'p/a']);
  });

  it.each<[string, FakeRegistry['catalog']]>([
    ['has no catalogue', null],
    ['forbids its catalogue', 'REGISTRY_FORBIDDEN'],
    ['refuses its catalogue', 'REGISTRY_REFUSED'],
  ])('says so when a host %s, unless a repository was named', async (_, catalog) => {
    const registry = { repositories: { 'p/a': holding({ v1: '1' }) }, catalog: catalog ?? null };

    await expect(names(registry, 'host.example')).rejects.toThrow(
      expect.objectContaining({ code: 'PROMOTER_NO_CATALOG' }),
    );
    await expect(names(registry, 'host.example/p')).rejects.toThrow('has no repository p');
    expect(await names(registry, 'host.example/p/a')).toEqual(['a']);
  });

  it.each<RegistryErrorCode>(['REGISTRY_UNAUTHORIZED', 'REGISTRY_UNREACHABLE'])('passes %s on', async (code) => {
    await expect(names({ repositories: {}, catalog: code }, 'host.example')).rejects.toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('leaves untagged children of indexes out, and reads only indexes beside something untagged', async () => {
    const index = {
      digests: new Map([
        [digest('1'), INDEX],
        [digest('2'), ''],
        [digest('3'), ''],
      ]),
      tags: new Map([['v1', digest('1')]]),
    };
    const { client, calls } = fakeClient({
      repositories: { p: { children: ['a', 'b'] }, 'p/a': index, 'p/b': holding({ v1: '4' }) },
      indexes: { [digest('1')]: [digest('2')] },
    });

    const { images } = await snapshotRegistry(client, { registry: 'host.example/p', isMinimal: true });

    expect(images[0]?.digests.map((entry) => entry.digest)).toEqual([digest('1'), digest('3')]);
    expect(images[1]?.digests.map((entry) => entry.digest)).toEqual([digest('4')]);
    expect(calls.filter((call) => call.startsWith('index')).sort()).toEqual(['index 1', 'index 2', 'index 3']);
  });

  it('keeps the digests of a tag, with all of their tags', async () => {
    const repositories = { 'p/a': holding({ v1: '1', latest: '1', v2: '2' }), 'p/b': holding({ v2: '3' }) };
    const { client } = fakeClient({ repositories, catalog: ['p/a', 'p/b'] });

    const { images } = await snapshotRegistry(client, { registry: 'host.example/p', tag: 'v1' });

    expect(images).toEqual([{ name: 'a', digests: [{ digest: digest('1'), tags: ['latest', 'v1'] }] }]);
  });

  it.each([
    ['https://host.example', 'OCI_INVALID_HOST'],
    ['', 'OCI_INVALID_HOST'],
    ['host.example/UPPER', 'OCI_INVALID_REPOSITORY'],
    ['host.example/a:v1', 'OCI_INVALID_REPOSITORY'],
  ])('refuses %j', async (registry, code) => {
    await expect(names({ repositories: {} }, registry)).rejects.toThrow(expect.objectContaining({ code }));
  });
});
