// SPDX-License-Identifier: Apache-2.0
import fileSystem from 'node:fs/promises';
import { type Digest, digestOf, type Repository } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { at, copySetup, type CopySetup } from '../test/support/copy-setup.ts';
import { bytesNamed, putImage } from '../test/support/fake-images.ts';
import type { DestinationCopy } from './copy-engine.ts';
import { RegistryError } from './registry-error.ts';
import type { SpoolFileSystem } from './spool-directory.ts';

const SHARED_BYTES = 60_000;
const shared = digestOf(bytesNamed('shared', SHARED_BYTES));
const hosts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `${name}.example`);

/** Images of one shared layer and one of their own, each in a repository of its own. */
function putImages({ registries }: CopySetup, count: number): { from: Repository; digest: Digest }[] {
  return Array.from({ length: count }, (_, index) => {
    const from = at('source.example', `image${index}`);
    return { from, digest: putImage(registries, from, { [`own ${index}`]: 2000, shared: SHARED_BYTES }).digest };
  });
}

function refuseMounts({ registries }: CopySetup): void {
  for (const host of hosts) registries.hosts.set(host, { isMounting: false });
}

function copy(
  { engine }: CopySetup,
  { from, digest }: { from: Repository; digest: Digest },
  to: readonly string[] = hosts,
): Promise<readonly DestinationCopy[]> {
  const destinations = to.map((host) => at(host, from.path));
  return engine.copy({ source: from, digest: digest, destinations });
}

function reads({ registries }: CopySetup): number {
  return registries.count('openBlob', { reference: shared });
}

/** Files that take the first piece and no more. */
const openFull: SpoolFileSystem['open'] = async (...args) => {
  const handle = await fileSystem.open(...args);
  let writes = 0;
  return {
    close: () => handle.close(),
    read: (...input) => handle.read(...input),
    write: (...input) => {
      writes += 1;
      return writes > 1 ? Promise.reject(new Error('ENOSPC')) : handle.write(...input);
    },
  };
};

describe('a blob that several images of a run share', () => {
  it.each([
    ['leaves a session', (setup: CopySetup) => refuseMounts(setup)],
    [
      'is an error',
      ({ registries }: CopySetup) => {
        registries.faults.before = ({ method }) => {
          if (method === 'mount') throw new RegistryError('REGISTRY_FORBIDDEN', 'no mounts here', { status: 403 });
        };
      },
    ],
  ])('is read once for twenty images and eight hosts where a refused mount %s', async (_, refuse) => {
    const setup = copySetup();
    refuse(setup);
    const images = putImages(setup, 20);

    const copies = await Promise.all(images.map((image) => copy(setup, image)));

    expect(copies.flat().map(({ status }) => status)).toEqual(Array.from({ length: 160 }, () => 'copied'));
    expect(reads(setup)).toBe(1);
    for (const host of hosts)
      for (const { from } of images) expect(setup.registries.differences(from, at(host, from.path))).toEqual([]);
  });

  it('is read twice where one image comes after the other, and then from disk', async () => {
    const setup = copySetup();
    refuseMounts(setup);
    for (const image of putImages(setup, 5)) {
      const copies = await copy(setup, image);
      expect(copies.map(({ status }) => status)).toEqual(hosts.map(() => 'copied'));
    }

    expect(reads(setup)).toBe(2);
    expect(setup.events.filter(({ type }) => type === 'kept-read')).toHaveLength(3);
  });

  it('is read once for two repositories of one host that refuses to mount', async () => {
    const setup = copySetup();
    refuseMounts(setup);
    const [image] = putImages(setup, 1);
    if (image === undefined) throw new Error('no image');
    const destinations = [at('a.example', 'x'), at('a.example', 'y')];

    const copies = await setup.engine.copy({
      source: image.from,
      digest: image.digest,
      destinations,
    });

    expect(copies.map(({ status }) => status)).toEqual(['copied', 'copied']);
    expect(reads(setup)).toBe(1);
  });

  it('is not written to disk where hosts are known to mount', async () => {
    const setup = copySetup();
    const [first, second, ...others] = putImages(setup, 6);
    if (first === undefined || second === undefined) throw new Error('no images');
    await copy(setup, first);
    await copy(setup, second);

    await Promise.all(others.map((image) => copy(setup, image)));

    expect(reads(setup)).toBe(1);
    expect(setup.spoolFiles()).toEqual([]);
  });

  it('is on disk no longer when the engine is closed', async () => {
    const setup = copySetup();
    refuseMounts(setup);
    await Promise.all(putImages(setup, 3).map((image) => copy(setup, image)));
    expect(setup.spoolFiles().length).toBeGreaterThan(0);

    await setup.engine.close();

    expect(setup.spoolFiles()).toEqual([]);
  });

  it.each([
    ['there is no room for it', { spoolCapBytes: SHARED_BYTES }],
    ['the disk fills up', { fileSystem: { ...fileSystem, open: openFull } }],
    ['the disk gives no file', { fileSystem: { ...fileSystem, open: () => Promise.reject(new Error('EROFS')) } }],
  ])('is read again for each image where %s', async (_, options) => {
    const setup = copySetup(options);
    refuseMounts(setup);
    const images = putImages(setup, 3);

    const copies = await Promise.all(images.map((image) => copy(setup, image, ['a.example'])));

    expect(copies.flat().map(({ status }) => status)).toEqual(['copied', 'copied', 'copied']);
    expect(reads(setup)).toBe(3);
  });

  it.each(['wrong bytes', 'none'])('is read at the source again when the disk gives %s', async (what) => {
    let damaged = 0;
    const open: SpoolFileSystem['open'] = async (...args) => {
      const handle = await fileSystem.open(...args);
      return {
        close: () => handle.close(),
        write: (...input) => handle.write(...input),
        read: async (buffer, ...rest) => {
          damaged += 1;
          if (what === 'none') throw Object.assign(new Error('no such device'), { code: 'EIO' });
          const { bytesRead } = await handle.read(buffer, ...rest);
          buffer[0] = (buffer[0] ?? 0) ^ 1;
          return { bytesRead };
        },
      };
    };
    const setup = copySetup({ fileSystem: { ...fileSystem, open } });
    refuseMounts(setup);
    const images = putImages(setup, 6);

    const copies = await Promise.all(images.map((image) => copy(setup, image, ['a.example'])));

    expect(copies.flat().map(({ status }) => status)).toEqual(images.map(() => 'copied'));
    expect(damaged).toBeGreaterThan(0);
    expect(reads(setup)).toBeGreaterThan(1);
    for (const { from } of images) expect(setup.registries.differences(from, at('a.example', from.path))).toEqual([]);
  });

  it('comes from the second image where the first one lost it', async () => {
    const setup = copySetup();
    refuseMounts(setup);
    const images = putImages(setup, 2);
    setup.registries.repository(at('source.example', 'image0')).blobs.delete(shared);

    const copies = await Promise.all(images.map((image) => copy(setup, image)));

    expect(copies[0]?.map(({ status }) => status)).toEqual(hosts.map(() => 'failed'));
    expect(copies[1]?.map(({ status }) => status)).toEqual(hosts.map(() => 'copied'));
  });

  it('does not wait for a slow host that reads it for another image', async () => {
    const setup = copySetup({ windowBytes: 4000, laggardPolicy: { blockedMs: 5, share: 0.25 } });
    refuseMounts(setup);
    // Larger than what a branch has in memory beside its window.
    const large = { name: 'large', length: 900_000 };
    const [slow, fast] = ['slow', 'fast'].map((name) => {
      const from = at('source.example', name);
      return { from, digest: putImage(setup.registries, from, { [large.name]: large.length, [name]: 100 }).digest };
    });
    if (slow === undefined || fast === undefined) throw new Error('no images');
    const reference = digestOf(bytesNamed(large.name, large.length));
    const other = at('source.example', 'other');
    await setup.engine.copy({
      source: other,
      digest: putImage(setup.registries, other, { other: 500 }).digest,
      destinations: ['a', 'b'].flatMap((name) => [at(`${name}.example`, 'x'), at(`${name}.example`, 'y')]),
    });
    const fastIsDone = Promise.withResolvers<void>();
    setup.registries.faults.onReceived = (call) =>
      call.host === 'a.example' && call.reference === reference ? fastIsDone.promise : undefined;

    const slowCopy = copy(setup, slow, ['a.example']);
    const [copied] = await copy(setup, fast, ['b.example']);
    fastIsDone.resolve();

    expect(copied?.status).toBe('copied');
    expect((await slowCopy).map(({ status }) => status)).toEqual(['copied']);
    expect(setup.registries.count('openBlob', { reference })).toBe(1);
  });
});
