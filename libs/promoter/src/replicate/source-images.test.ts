// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import { digestOf, MEDIA_TYPES, parseManifestDocument, parseRepository } from '@promograph/oci';
import type { RegistryClient } from '@promograph/registry';
import { describe, expect, it } from 'vitest';
import { replicateWorld } from './replicate-world.testing.ts';
import { type SourceImage, SourceImages } from './source-images.ts';

const LAYER = { mediaType: 'text/plain', digest: digestOf('layer'), size: 5 };

function manifestNamed(name: string): ReturnType<typeof parseManifestDocument> {
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: LAYER,
    layers: [LAYER],
    annotations: { name },
  };
  return parseManifestDocument(Buffer.from(JSON.stringify(manifest)), MEDIA_TYPES.ociManifest);
}

describe('images read at their source', () => {
  const image = { document: manifestNamed('a'), blobs: [Buffer.alloc(1000)] };
  const size = image.document.bytes.length * 3 + 1000;

  /** Reads the keys one after the other; answers those for which a read was needed. */
  async function readsOf(keys: string, images: SourceImages): Promise<string> {
    let reads = '';
    const read = async (key: string): Promise<SourceImage> => {
      reads += key;
      return image;
    };
    for (const key of keys) await images.get(key, () => read(key));
    return reads;
  }

  it.each([
    ['one is read once', 'aaa', 1, 'a'],
    ['as many as there is room for are read once', 'abcabc', 3, 'abc'],
    ['those that came first are forgotten first', 'abcdbcda', 3, 'abcda'],
    ['one that is too large for the room is read each time', 'aab', 0.5, 'aab'],
  ])('%s', async (_, keys, room, reads) => {
    expect(await readsOf(keys, new SourceImages(size * room))).toBe(reads);
  });

  it('are read once for all who ask meanwhile, and again after a failure', async () => {
    const images = new SourceImages();
    let reads = 0;
    const fail = async (): Promise<SourceImage> => {
      reads += 1;
      throw new Error('gone for a moment');
    };
    const failures = await Promise.allSettled([images.get('a', fail), images.get('a', fail)]);
    expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(reads).toBe(1);
    expect(await images.get('a', async () => image)).toBe(image);
  });
});

describe('a repository of which two mirrors lack a thousand tags', () => {
  it('is read once for both, manifest and layer', async () => {
    const world = await replicateWorld();
    const names = Array.from({ length: 1000 }, (_, index) => `sha256-${digestOf(`${index}`).slice(7)}.att`);
    const source = parseRepository(`${world.canonical.host}/app`);
    const documents = new Map(names.map((name) => [name, manifestNamed(name)]));
    const reads: string[] = [];
    let writes = 0;
    const client: Partial<RegistryClient> = {
      listTagDigests: async ({ host }) => {
        const isSource = host === source.host;
        const tags = new Map(isSource ? [...documents].map(([name, { digest }]) => [name, digest]) : []);
        return { tags, digests: null, uploadedMs: null, isComplete: true };
      },
      getManifest: async ({ host }, reference) => {
        reads.push(`${host} ${reference}`);
        return [...documents.values()].find(({ digest }) => digest === reference) ?? null;
      },
      openBlob: async ({ host }, { digest, sizeBytes }) => {
        reads.push(`${host} ${digest}`);
        return { body: Readable.from([Buffer.from('layer')], { objectMode: false }), sizeBytes };
      },
      postBlob: async () => ({ kind: 'written' }),
      putManifest: async () => {
        writes += 1;
        return { subject: null };
      },
    };

    const { summary } = await world.replicate(
      { routes: [world.route('app', [])] },
      { client: client as RegistryClient },
    );

    expect(summary).toMatchObject({ copied: 2000, failed: 0 });
    expect(writes).toBe(2000);
    const manifests = reads.filter((read) => !read.endsWith(LAYER.digest));
    expect(manifests.toSorted()).toEqual(
      [...documents.values()].map(({ digest }) => `${source.host} ${digest}`).toSorted(),
    );
    expect(reads.length - manifests.length).toBe(1000);
  });
});
