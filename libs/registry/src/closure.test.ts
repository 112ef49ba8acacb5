// SPDX-License-Identifier: Apache-2.0
import { type ManifestDocument, MEDIA_TYPES, digestOf } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { at, copySetup } from '../test/support/copy-setup.ts';
import { putImage, putIndex, putManifestJson } from '../test/support/fake-images.ts';
import type { FakeRegistries } from '../test/support/fake-registry-client.ts';

const source = at('source.example', 'team/app');

/** An index over `child`, with its descriptor changed. */
function indexOver(
  registries: FakeRegistries,
  child: ManifestDocument,
  changes: Readonly<Record<string, unknown>>,
): ManifestDocument {
  const descriptor = { mediaType: child.mediaType, digest: child.digest, size: child.bytes.length, ...changes };
  const manifests = [descriptor];
  return putManifestJson(registries, source, { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests });
}

function nested(registries: FakeRegistries, levels: number): ManifestDocument {
  let document = putImage(registries, source, { one: 10 });
  for (let level = 0; level < levels; level += 1) document = putIndex(registries, source, [document]);
  return document;
}

describe('readClosure', () => {
  it('gives children before their index and the requested document last', async () => {
    const { engine, registries } = copySetup();
    const [one, two] = [putImage(registries, source, { one: 10 }), putImage(registries, source, { two: 10 })];
    const inner = putIndex(registries, source, [two, one]);
    const root = putIndex(registries, source, [inner, one]);

    const closure = await engine.readClosure(source, root.digest);

    expect(closure.root.digest).toBe(root.digest);
    expect(closure.documents.map(({ digest }) => digest)).toEqual([two, one, inner, root].map(({ digest }) => digest));
  });

  it('asks for each document once, however often it is named and wanted', async () => {
    const { engine, registries } = copySetup();
    const child = putImage(registries, source, { one: 10 });
    const root = putIndex(registries, source, [child, child, putIndex(registries, source, [child])]);

    await Promise.all([engine.readClosure(source, root.digest), engine.readClosure(source, root.digest)]);
    await engine.readClosure(source, root.digest);

    expect(registries.count('getManifest')).toBe(3);
  });

  it('accepts three levels below the requested document and refuses a fourth', async () => {
    const { engine, registries } = copySetup();
    const allowed = nested(registries, 3);
    const refused = nested(registries, 4);

    await expect(engine.readClosure(source, allowed.digest)).resolves.toHaveProperty('documents.length', 4);
    await expect(engine.readClosure(source, refused.digest)).rejects.toMatchObject({ code: 'OCI_INVALID_MANIFEST' });
  });

  it('refuses more than 500 documents before it fetches them', async () => {
    const { engine, registries } = copySetup();
    const children = Array.from({ length: 500 }, (_, index) => putImage(registries, source, { [`${index}`]: 1 }));
    const root = putIndex(registries, source, children);

    await expect(engine.readClosure(source, root.digest)).rejects.toMatchObject({ code: 'OCI_INVALID_MANIFEST' });

    expect(registries.count('getManifest')).toBe(1);
  });

  it('refuses manifests that are too many bytes together', async () => {
    const { engine, registries } = copySetup();
    const children = Array.from({ length: 9 }, (_, index) =>
      putManifestJson(registries, source, {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociIndex,
        manifests: [],
        annotations: { padding: 'x'.repeat(4 * 1024 * 1024 - 500), index: `${index}` },
      }),
    );
    const root = putIndex(registries, source, children);

    await expect(engine.readClosure(source, root.digest)).rejects.toMatchObject({ code: 'OCI_INVALID_MANIFEST' });
  });

  it.each([
    ['size', { size: 1 }, 'REGISTRY_DIGEST_MISMATCH'],
    ['media type', { mediaType: MEDIA_TYPES.dockerManifest }, 'OCI_INVALID_MANIFEST'],
    ['kind that is no manifest', { mediaType: 'application/vnd.example.thing' }, 'OCI_UNSUPPORTED_MEDIA_TYPE'],
  ])('refuses a child of another %s than its index says', async (_, changes, code) => {
    const { engine, registries } = copySetup();
    const root = indexOver(registries, putImage(registries, source, { one: 10 }), changes);

    await expect(engine.readClosure(source, root.digest)).rejects.toMatchObject({ code });
  });

  it('names image, digest and type of what it cannot copy', async () => {
    const { engine, registries } = copySetup();
    const mediaType = 'application/vnd.example.thing+json';
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType }));
    const digest = digestOf(bytes);
    registries.repository(source).manifests.set(digest, { bytes, mediaType });

    const refused = engine.readClosure(source, digest);

    await expect(refused).rejects.toMatchObject({ code: 'OCI_UNSUPPORTED_MEDIA_TYPE' });
    await expect(refused).rejects.toThrow(`source.example/team/app@${digest}: unsupported media type: ${mediaType}`);
  });

  it('says that a document is not at the source, and asks again the next time', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, at('elsewhere.example', 'app'), { one: 10 });

    await expect(engine.readClosure(source, image.digest)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
    putImage(registries, source, { one: 10 });

    await expect(engine.readClosure(source, image.digest)).resolves.toHaveProperty('root.digest', image.digest);
  });

  it.each([
    ['two sizes for one blob', [10, 11]],
    ['no bytes for a blob that has some', [0]],
  ])('copies nothing of an image with %s', async (_, sizes) => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 10 });
    const [config, layer] = image.blobs;
    const layers = sizes.map((size) => ({ mediaType: layer?.mediaType, digest: layer?.digest, size }));
    const wrong = putManifestJson(registries, source, {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: { mediaType: config?.mediaType, digest: config?.digest, size: config?.sizeBytes },
      layers,
    });

    const copying = engine.copy({ source, digest: wrong.digest, destinations: [at('a.example', 'app')] });

    await expect(copying).rejects.toMatchObject({ code: 'REGISTRY_DIGEST_MISMATCH' });
    expect(registries.calls.filter(({ host }) => host === 'a.example')).toEqual([]);
  });

  it('stops at once when it is cancelled', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 10 });
    registries.faults.before = () => new Promise(() => undefined);
    const cancel = new AbortController();

    const reading = engine.readClosure(source, image.digest, cancel.signal);
    cancel.abort(new Error('enough'));

    await expect(reading).rejects.toThrow('enough');
  });
});
