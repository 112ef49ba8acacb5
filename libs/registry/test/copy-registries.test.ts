// SPDX-License-Identifier: Apache-2.0
import { type BuiltImage, type RunningRegistry, buildImage, buildIndex } from '@promograph/devstack';
import { describe, expect, it } from 'vitest';
import { copyWorld, everywhere, registries, registry, seed } from './support/copy-world.ts';

const MEBIBYTE = 1024 * 1024;

function image(name: string, sizes: readonly number[]): BuiltImage {
  return buildImage({ layers: sizes.map((sizeBytes, index) => ({ sizeBytes, seed: `${name} ${index}` })) });
}

function blobBytes(images: readonly BuiltImage[]): number {
  const blobs = new Map(images.flatMap(({ blobs: all }) => all.map((blob) => [blob.digest, blob.sizeBytes])));
  return [...blobs.values()].reduce((total, size) => total + size, 0);
}

function count({ requests }: RunningRegistry, method: string, path: RegExp): number {
  return requests.filter((request) => request.method === method && path.test(request.path)).length;
}

describe('the copy engine on real connections', () => {
  it('reads every blob byte of an index once for eight registries, which end up equal', async () => {
    const source = await registry();
    const mirrors = await registries(8);
    const children = [image('amd64', [3 * MEBIBYTE, 5000]), image('arm64', [2 * MEBIBYTE, 0])];
    const index = buildIndex({ images: children });
    const from = await seed(source, 'app', index);
    const { engine } = copyWorld();

    const copies = await engine.copy({
      source: from,
      digest: index.manifest.digest,
      destinations: everywhere(mirrors, 'prod/app'),
    });

    expect(copies.map(({ status, error }) => [status, error])).toEqual(mirrors.map(() => ['copied', null]));
    const reads = source.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'));
    expect(reads.reduce((total, { bytesOut }) => total + bytesOut, 0)).toBe(blobBytes(children));
    const { app } = source.repositories();
    for (const mirror of mirrors) expect(mirror.repositories()).toEqual({ 'prod/app': app });
    expect(mirrors.map(({ openUploads }) => openUploads)).toEqual(mirrors.map(() => 0));
  });

  it('writes blobs before manifests and children before their index, by the log of the registry', async () => {
    const source = await registry();
    const mirror = await registry({ permissive: true });
    const children = [image('one', [1000]), image('two', [2000])];
    const index = buildIndex({ images: children });
    const from = await seed(source, 'app', index);
    const { engine } = copyWorld();

    await engine.copy({ source: from, digest: index.manifest.digest, destinations: everywhere([mirror], 'app') });

    const writes = mirror.requests.filter(({ method }) => method === 'PUT').map(({ path }) => path);
    expect(writes.slice(0, 4).every((path) => path.includes('/blobs/uploads/'))).toBe(true);
    expect(new Set(writes.slice(4, 6))).toEqual(
      new Set(children.map(({ manifest }) => `/v2/app/manifests/${manifest.digest}`)),
    );
    expect(writes.slice(6)).toEqual([`/v2/app/manifests/${index.manifest.digest}`]);
    expect(mirror.mismatches).toEqual([]);
  });

  it('moves no blob byte where source and destination share the registry', async () => {
    const shared = await registry();
    const built = image('one', [MEBIBYTE, 5000]);
    const from = await seed(shared, 'staging/app', built);
    const { engine } = copyWorld();

    const [copy] = await engine.copy({
      source: from,
      digest: built.manifest.digest,
      destinations: everywhere([shared], 'prod/app'),
    });

    expect(copy).toMatchObject({ status: 'copied', mountedBlobs: 3, copiedBytes: 0 });
    expect(count(shared, 'GET', /blobs/)).toBe(0);
    expect(count(shared, 'POST', /mount=/)).toBe(3);
    expect(count(shared, 'PUT', /blobs/)).toBe(0);
  });

  it('uploads a layer that ten images share once per registry and mounts it from there', async () => {
    const source = await registry();
    const mirrors = await registries(3);
    const common = { sizeBytes: MEBIBYTE, seed: 'common' };
    const images = Array.from({ length: 10 }, (_, index) =>
      buildImage({ layers: [common, { sizeBytes: 3000, seed: `own ${index}` }] }),
    );
    const sources = await Promise.all(images.map((built, index) => seed(source, `app${index}`, built)));
    const { engine } = copyWorld();

    const copies = await Promise.all(
      images.map(({ manifest }, index) => {
        const from = sources[index];
        if (from === undefined) throw new Error('no source');
        return engine.copy({ source: from, digest: manifest.digest, destinations: everywhere(mirrors, from.path) });
      }),
    );

    expect(copies.flat().every(({ status }) => status === 'copied')).toBe(true);
    const shared = images[0]?.blobs[1]?.digest ?? '';
    expect(count(source, 'GET', new RegExp(`blobs/${shared}`))).toBe(1);
    for (const mirror of mirrors) {
      expect(count(mirror, 'PUT', new RegExp(encodeURIComponent(shared)))).toBe(1);
      expect(count(mirror, 'POST', new RegExp(`mount=${encodeURIComponent(shared)}`))).toBe(9);
      expect(mirror.repositories()).toEqual(source.repositories());
    }
  });

  it('reads a layer that ten images share once where no registry mounts, whether the images come at once or in turn', async () => {
    const source = await registry();
    const mirrors = await registries(3, {
      onRequest: ({ query }) => (query.has('mount') ? { kind: 'status', status: 405 } : undefined),
    });
    const common = { sizeBytes: MEBIBYTE, seed: 'common' };
    const images = Array.from({ length: 10 }, (_, index) =>
      buildImage({ layers: [common, { sizeBytes: 3000, seed: `own ${index}` }] }),
    );
    const sources = await Promise.all(images.map((built, index) => seed(source, `app${index}`, built)));
    const { engine } = copyWorld();
    const copy = (index: number): ReturnType<typeof engine.copy> => {
      const [from, built] = [sources[index], images[index]];
      if (from === undefined || built === undefined) throw new Error('no source');
      return engine.copy({ source: from, digest: built.manifest.digest, destinations: everywhere(mirrors, from.path) });
    };

    const atOnce = await Promise.all([0, 1, 2, 3, 4, 5, 6].map(copy));
    const inTurn = [await copy(7), await copy(8), await copy(9)];

    expect([...atOnce, ...inTurn].flat().every(({ status }) => status === 'copied')).toBe(true);
    const shared = images[0]?.blobs[1]?.digest ?? '';
    expect(count(source, 'GET', new RegExp(`blobs/${shared}`))).toBe(1);
    for (const mirror of mirrors) {
      expect(count(mirror, 'PUT', new RegExp(encodeURIComponent(shared)))).toBe(10);
      expect(mirror.repositories()).toEqual(source.repositories());
    }
  });

  it('asks twice for each missing blob where the profile says that an own mount tells', async () => {
    const source = await registry();
    const mirror = await registry();
    const built = image('one', [1000, 2000, 3000, 4000]);
    const from = await seed(source, 'app', built);
    const request = { source: from, digest: built.manifest.digest, destinations: everywhere([mirror], 'app') };
    const { engine } = copyWorld({ ownMount: () => true });

    const [copy] = await engine.copy(request);

    expect(copy?.status).toBe('copied');
    const blobs = mirror.requests.filter(({ path }) => path.includes('/blobs/'));
    // One look in all, to find the host true.
    expect(blobs.map(({ method }) => method).sort()).toEqual([
      'HEAD',
      ...Array(5).fill('POST'),
      ...Array(5).fill('PUT'),
    ]);
    expect(mirror.repositories()).toEqual(source.repositories());
    expect(mirror.openUploads).toBe(0);
  });

  it('only looks where everything is there', async () => {
    const source = await registry();
    const mirror = await registry();
    const index = buildIndex({ images: [image('one', [1000]), image('two', [2000])] });
    const from = await seed(source, 'app', index);
    const request = { source: from, digest: index.manifest.digest, destinations: everywhere([mirror], 'app') };
    await copyWorld().engine.copy(request);
    mirror.clearRequests();

    const [copy] = await copyWorld().engine.copy(request);

    expect(copy?.status).toBe('present');
    expect(new Set(mirror.requests.map(({ method }) => method))).toEqual(new Set(['HEAD']));
    expect(mirror.requests).toHaveLength(1 + 2 + 4);
  });

  it('tags after the copy and reads the tag back', async () => {
    const source = await registry();
    const mirror = await registry({ immutableTags: true });
    const built = image('one', [1000]);
    const from = await seed(source, 'app', built);
    const { engine } = copyWorld();
    const [destination] = everywhere([mirror], 'app');
    if (destination === undefined) throw new Error('no destination');
    await engine.copy({ source: from, digest: built.manifest.digest, destinations: [destination] });
    const { root } = await engine.readClosure(from, built.manifest.digest);
    mirror.clearRequests();

    const outcome = await engine.publishTag({ destination, tag: 'v1', document: root });

    expect(outcome).toEqual({ status: 'tagged' });
    expect(mirror.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
      ['HEAD', 'PUT', 'HEAD'].map((method) => `${method} /v2/app/manifests/v1`),
    );
    expect(mirror.repositories()['app']?.tags).toEqual({ v1: built.manifest.digest });
  });

  it('tries a destination for writing without leaving a trace', async () => {
    const mirror = await registry();
    const { engine } = copyWorld();

    for (const destination of everywhere([mirror], 'app')) await engine.tryWrite(destination);

    expect(mirror.requests.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
    expect(mirror.openUploads).toBe(0);
    expect(mirror.repositories()).toEqual({});
  });
});
