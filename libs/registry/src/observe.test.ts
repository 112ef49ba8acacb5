// SPDX-License-Identifier: Apache-2.0
import { buildImage, pushImage, type RunningRegistry, startRegistry } from '@promograph/devstack';
import { digestOf, type Repository } from '@promograph/oci';
import { afterEach, describe, expect, it } from 'vitest';
import { clientWorld, reply, stubServer } from './client-world.testing.ts';

const running: RunningRegistry[] = [];

afterEach(async () => {
  for (const registry of running.splice(0)) await registry.close();
});

/** A registry with one image per name in `repositories`, tagged `v1`, and one without a tag. */
async function seeded(listing: 'google' | 'oci', repositories: readonly string[]) {
  const registry = await startRegistry({ listing });
  running.push(registry);
  const image = buildImage({ layers: [{ sizeBytes: 10, seed: 'tagged' }] });
  const tagless = buildImage({ layers: [{ sizeBytes: 10, seed: 'tagless' }] });
  for (const repository of repositories) {
    await pushImage({ url: registry.url, repository, image, tags: ['v1'] });
    await pushImage({ url: registry.url, repository, image: tagless });
  }
  registry.clearRequests();
  const at = (path: string): Repository => ({ host: registry.host, path });
  return { registry, at, tagged: image.manifest.digest, tagless: tagless.manifest.digest };
}

const lines = (registry: RunningRegistry): string[] => registry.requests.map(({ method, path }) => `${method} ${path}`);

describe('observe', () => {
  it('needs one request per repository on a Google-style host, learnt on the way', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `team/app${index}`);
    const { registry, at, tagged, tagless } = await seeded('google', names);
    await using world = clientWorld();

    const found = await Promise.all(
      names.map((name) => world.client.observe(at(name), { tags: ['v1', 'v2'], digests: [tagged, tagless] })),
    );

    expect(registry.counts.total).toBe(30);
    expect(found.every((contents) => contents?.tags.get('v1') === tagged && contents.digests.has(tagless))).toBe(true);
    expect(found[0]?.digests.get(tagged)).toBe('application/vnd.oci.image.manifest.v1+json');
  });

  it('needs, on a host that tells only names, one listing for the host and then a HEAD for each that no tag shows', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `team/app${index}`);
    const { registry, at, tagged, tagless } = await seeded('oci', names);
    await using world = clientWorld();
    const request = { tags: ['v1', 'v2'], digests: [tagged, tagless, digestOf('absent')] };

    const found = await Promise.all(names.map((name) => world.client.observe(at(name), request)));

    // v1 and v2, then the two digests that v1 does not show; of one repository the listing has told that v2 is missing.
    expect(lines(registry).filter((line) => line.startsWith('HEAD'))).toHaveLength(39);
    expect(lines(registry).filter((line) => line.startsWith('GET'))).toHaveLength(1);
    for (const contents of found) {
      expect(contents?.tags).toEqual(new Map([['v1', tagged]]));
      expect([...(contents?.digests.keys() ?? [])].sort()).toEqual([tagged, tagless].sort());
    }
  });

  it('asks for no listing where the profile says that it tells only names', async () => {
    const { registry, at, tagged } = await seeded('oci', ['app']);
    await using world = clientWorld({ profile: { listing: 'oci' } });

    await world.client.observe(at('app'), { tags: ['v1'], digests: [tagged] });

    expect(lines(registry)).toEqual(['HEAD /v2/app/manifests/v1']);
  });

  it.each(['google', 'oci'] as const)('learns nothing from a repository that is missing (%s)', async (listing) => {
    const { registry, at, tagged } = await seeded(listing, ['there']);
    await using world = clientWorld();
    const request = { tags: ['v1'], digests: [tagged] };

    expect((await world.client.observe(at('missing'), request))?.digests.size).toBe(0);
    expect((await world.client.observe(at('there'), request))?.tags.get('v1')).toBe(tagged);

    expect(lines(registry).filter((line) => line.startsWith('GET'))).toHaveLength(2);
  });

  it('asks a Google-style host without any of the repositories once for each', async () => {
    const { registry, at } = await seeded('google', []);
    await using world = clientWorld({ profile: { listing: 'google' } });
    const names = Array.from({ length: 20 }, (_, index) => `new/app${index}`);

    const found = await Promise.all(
      names.map((name) => world.client.observe(at(name), { tags: ['v1', 'v2'], digests: [] })),
    );

    expect(found).toEqual(names.map(() => null));
    expect(registry.counts.total).toBe(20);
  });

  it('needs one request per repository even where the first of them are missing', async () => {
    const { registry, at, tagged } = await seeded('google', ['there/a', 'there/b']);
    await using world = clientWorld();
    const names = ['missing/a', 'missing/b', 'there/a', 'missing/c', 'there/b', 'missing/d'];

    const found = await Promise.all(
      names.map((name) => world.client.observe(at(name), { tags: ['v1', 'v2'], digests: [tagged] })),
    );

    expect(found.map((contents) => contents?.tags.size ?? null)).toEqual([null, null, 1, null, 1, null]);
    expect(registry.counts.total).toBe(6);
  });

  it('finds a digest without a tag where the listing of such a repository is not found', async () => {
    // As CNCF distribution answers: without any tag, it does not know the repository's name in `tags/list`.
    const { registry, at, tagless } = await seeded('oci', []);
    const image = buildImage({ layers: [{ sizeBytes: 10, seed: 'tagless' }] });
    await pushImage({ url: registry.url, repository: 'app', image });
    registry.setFault(({ path }) => (path.endsWith('/tags/list') ? { kind: 'status', status: 404 } : undefined));
    await using world = clientWorld();

    const found = await world.client.observe(at('app'), { tags: ['v1'], digests: [tagless] });

    expect([...(found?.digests.keys() ?? [])]).toEqual([tagless]);
  });

  it('asks for no tag of a repository that the host does not know by name', async () => {
    const { registry, at, tagged } = await seeded('oci', []);
    await using world = clientWorld();

    const found = await world.client.observe(at('new'), { tags: ['v1', 'v2', 'v3'], digests: [tagged] });

    expect(found?.tags.size).toBe(0);
    expect(lines(registry)).toEqual([expect.stringContaining('/v2/new/tags/list'), `HEAD /v2/new/manifests/${tagged}`]);
  });

  it('asks for each tag where a 404 does not say why', async () => {
    const { registry, at, tagged } = await seeded('oci', ['app']);
    registry.setFault(({ path }) => (path.endsWith('/tags/list') ? { kind: 'status', status: 404 } : undefined));
    await using world = clientWorld();

    const found = await world.client.observe(at('app'), { tags: ['v1'], digests: [] });

    expect(found?.tags.get('v1')).toBe(tagged);
  });

  it('follows the pages of a Google-style host', async () => {
    const digests = ['a', 'b', 'c'].map((text) => digestOf(text));
    await using server = await stubServer((request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? 0);
      const manifest = { [digests[page] ?? '']: { tag: [`v${page}`], mediaType: 'm', timeUploadedMs: '1' } };
      reply(
        response,
        200,
        { name: 'app', tags: [`v${page}`], manifest, child: ['sub'] },
        {
          ...(page < 2 ? { link: `</v2/app/tags/list?page=${page + 1}>; rel="next"` } : {}),
        },
      );
    });
    await using world = clientWorld();

    const contents = await world.client.observe({ host: server.host, path: 'app' }, { tags: [], digests: [] });

    expect([...(contents?.tags ?? [])]).toEqual(digests.map((digest, page) => [`v${page}`, digest]));
    expect(contents?.children).toEqual(['sub']);
  });

  it('leaves out what is no digest, tag or name', async () => {
    await using server = await stubServer((_request, response) =>
      reply(
        response,
        200,
        `{"tags":null,"child":["../x","ok",7],"manifest":{"sha256:short":{"tag":["v1"]},"__proto__":{"tag":["v1"]},
          "${digestOf('x')}":{"tag":["-bad","good",null],"mediaType":5}}}`,
      ),
    );
    await using world = clientWorld();

    const contents = await world.client.observe({ host: server.host, path: 'app' }, { tags: [], digests: [] });

    expect([...(contents?.tags ?? [])]).toEqual([['good', digestOf('x')]]);
    expect([...(contents?.digests ?? [])]).toEqual([[digestOf('x'), '']]);
    expect(contents?.children).toEqual(['ok']);
  });

  it('stops at the first failure', async () => {
    await using server = await stubServer((_request, response) => reply(response, 403));
    await using world = clientWorld({ profile: { listing: 'oci', concurrency: 2 } });
    const tags = Array.from({ length: 100 }, (_, index) => `v${index}`);

    await expect(world.client.observe({ host: server.host, path: 'app' }, { tags, digests: [] })).rejects.toMatchObject(
      { code: 'REGISTRY_FORBIDDEN' },
    );
    expect(server.requests.length).toBeLessThan(10);
  });
});

describe('listRepository', () => {
  it.each(['google', 'oci'] as const)('tells tags and digests of a host of kind %s', async (listing) => {
    const { at, tagged, tagless } = await seeded(listing, ['app', 'app/sub']);
    await using world = clientWorld();

    const contents = await world.client.listRepository(at('app'));

    expect(contents?.tags).toEqual(new Map([['v1', tagged]]));
    expect(contents?.digests.has(tagless)).toBe(listing === 'google');
    expect(contents?.children).toEqual(listing === 'google' ? ['sub'] : []);
  });
});

describe('listTagDigests', () => {
  it.each(['google', 'oci'] as const)(
    'asks a host of kind %s once, and tells the digests it tells',
    async (listing) => {
      const { registry, at, tagged, tagless } = await seeded(listing, ['there']);
      await using world = clientWorld();
      registry.clearRequests();

      const inventory = await world.client.listTagDigests(at('there'));

      expect(inventory?.isComplete).toBe(true);
      expect([...(inventory?.tags ?? [])]).toEqual([['v1', listing === 'google' ? tagged : null]]);
      expect(inventory?.digests).toEqual(listing === 'google' ? new Set([tagged, tagless]) : null);
      expect(lines(registry)).toHaveLength(1);
      expect(await world.client.listTagDigests(at('not/there'))).toBeNull();
    },
  );
});

describe('headManifest', () => {
  it('gets and hashes where the host does not tell the digest', async () => {
    const { registry, at, tagged } = await seeded('oci', ['app']);
    registry.setFault(({ method }) =>
      method === 'HEAD' ? { kind: 'omit-header', name: 'docker-content-digest' } : undefined,
    );
    await using world = clientWorld();

    expect((await world.client.headManifest(at('app'), 'v1'))?.digest).toBe(tagged);
    expect(lines(registry)).toEqual(['HEAD /v2/app/manifests/v1', 'GET /v2/app/manifests/v1']);
  });
});

describe('pages', () => {
  it.each([
    ['on another host', (): string => 'http://127.0.0.1:1/v2/app/tags/list?last=a'],
    ['outside /v2/', (): string => '/metadata'],
    ['that were there before', (path: string): string => path],
    ['that are no URL', (): string => 'http://['],
  ])('%s are refused', async (_name, next) => {
    await using server = await stubServer((request, response) =>
      reply(response, 200, { tags: ['a'] }, { link: `<${next(request.url ?? '')}>; rel="next"` }),
    );
    await using world = clientWorld();

    await expect(world.client.listTags({ host: server.host, path: 'app' })).rejects.toMatchObject({
      code: 'REGISTRY_PROTOCOL',
    });
  });

  it('may be relative to the answer', async () => {
    await using server = await stubServer((request, response) =>
      request.url?.includes('last')
        ? reply(response, 200, { tags: ['b'] })
        : reply(response, 200, { tags: ['a'] }, { link: '<list?last=a>; rel=next' }),
    );
    await using world = clientWorld();

    expect(await world.client.listTags({ host: server.host, path: 'app' })).toEqual(['a', 'b']);
  });
});
