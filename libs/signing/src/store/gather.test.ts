// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf, MEDIA_TYPES, parseRepository } from '@promograph/oci';
import { putBlob, referrersTag } from '@promograph/registry';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../evidence.ts';
import { attestationTag, signatureTag } from './evidence-tags.ts';
import { EMPTY_CONFIG } from './bundle-manifest.ts';
import {
  bundleNamed,
  layerNamed,
  putRaw,
  type StoreWorld,
  storeWorld,
  withoutReferrersApi,
} from './store-world.testing.ts';

const ALL = { signatures: true, attestations: true, referrers: true };
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

function gather({ store, repository, subject }: StoreWorld): Promise<Evidence> {
  return store.gather(repository, subject.digest, ALL);
}

interface RawLayer {
  readonly mediaType: string;
  readonly text: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** As the manifest says it. */
  readonly size?: number;
}

/** A manifest with these layers, put under a tag or its digest. */
async function putImage(
  world: StoreWorld,
  reference: string | null,
  image: { readonly layers: readonly RawLayer[]; readonly artifactType?: string; readonly subject?: Digest },
): Promise<Digest> {
  const { client, repository } = world;
  await putBlob(client, { repository, bytes: EMPTY_CONFIG });
  const layers = [];
  for (const { mediaType, text, annotations, size } of image.layers) {
    const { blob } = await putBlob(client, { repository, bytes: Buffer.from(text) });
    layers.push({ mediaType, size: size ?? blob.sizeBytes, digest: blob.digest, ...(annotations && { annotations }) });
  }
  const { subject } = image;
  return putRaw(world, reference, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { mediaType: MEDIA_TYPES.ociEmpty, size: 2, digest: digestOf(EMPTY_CONFIG) },
    layers,
    ...(image.artifactType === undefined ? {} : { artifactType: image.artifactType }),
    ...(subject === undefined ? {} : { subject: { mediaType: MEDIA_TYPES.ociManifest, size: 1, digest: subject } }),
  });
}

describe('gather', () => {
  it('answers nothing for an image with nothing beside it, and for a repository that is not there', async () => {
    const world = await storeWorld();

    expect(await gather(world)).toMatchObject({ pieces: [], excess: null, unreadable: [] });
    const nowhere = parseRepository(`${world.registry.host}/no/where`);
    expect((await world.store.gather(nowhere, world.subject.digest, ALL)).pieces).toEqual([]);
    const long = digestOf('an image', 'sha512');
    expect((await world.store.gather(world.repository, long, ALL)).pieces).toEqual([]);
  });

  it('asks only for what is wanted', async () => {
    const world = await storeWorld();

    await world.store.gather(world.repository, world.subject.digest, { ...ALL, signatures: false, referrers: false });

    expect(world.registry.requests.map(({ path }) => path)).toEqual([
      `/v2/app/manifests/${attestationTag(world.subject.digest)}`,
    ]);
  });

  it('reads signatures, attestations and bundles with their annotations, in a fixed order', async () => {
    const world = await storeWorld();
    const { digest } = world.subject;
    await world.store.addSignatures(world.repository, digest, [layerNamed('one')]);
    const attestations = [
      {
        mediaType: 'application/vnd.dsse.envelope.v1+json',
        text: '{"envelope":1}',
        annotations: { predicateType: 'x' },
      },
      { mediaType: 'application/vnd.in-toto+json', text: '{"statement":1}' },
    ];
    await putImage(world, attestationTag(digest), { layers: attestations });
    await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));

    const { pieces } = await gather(world);

    expect(pieces).toEqual([
      expect.objectContaining({ layout: 'sig', ...layerNamed('one') }),
      expect.objectContaining({
        layout: 'att',
        mediaType: attestations[0]?.mediaType,
        annotations: { predicateType: 'x' },
      }),
      expect.objectContaining({ layout: 'att', bytes: Buffer.from('{"statement":1}'), annotations: {} }),
      expect.objectContaining({ layout: 'bundle', annotatedType: 'https://sigstore.dev/cosign/sign/v1' }),
    ]);
    expect(pieces.map(({ bytes, layer }) => digestOf(bytes) === layer)).toEqual([true, true, true, true]);
  });

  it('fetches every referrer, whatever a fallback index says of it', async () => {
    const world = await storeWorld({ onRequest: withoutReferrersApi });
    await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));
    const tag = referrersTag(world.subject.digest);
    const [entry] = await world.client.listReferrers(world.repository, world.subject.digest);
    const manifests = [
      {
        mediaType: MEDIA_TYPES.ociManifest,
        digest: entry?.digest,
        size: entry?.sizeBytes,
        artifactType: 'application/vnd.oci.empty.v1+json',
      },
    ];
    await putRaw(world, tag, { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests });

    expect((await gather(world)).pieces).toHaveLength(1);
  });

  it('records bundles that are malformed or about something else, and passes over what is no bundle', async () => {
    const world = await storeWorld({ permissive: true, onRequest: withoutReferrersApi });
    const { digest } = world.subject;
    await world.store.attachBundle(world.repository, world.subject, bundleNamed('good'));
    const layer = { mediaType: BUNDLE, text: '{"bundle":"x"}' };
    const wrong = [
      await putImage(world, null, { layers: [layer], subject: digestOf('another'), artifactType: BUNDLE }),
      await putImage(world, null, { layers: [layer, layer], subject: digest }),
      await putImage(world, null, {
        layers: [{ ...layer, mediaType: 'text/x' }],
        subject: digest,
        artifactType: BUNDLE,
      }),
      await putImage(world, null, { layers: [{ ...layer, size: 3 }], subject: digest }),
      digestOf('not there'),
    ];
    const document = await putImage(world, null, {
      layers: [{ mediaType: 'text/spdx+json', text: '{}' }],
      subject: digest,
    });
    const tag = referrersTag(digest);
    const good = await world.client.listReferrers(world.repository, digest);
    const manifests = [...good.map((entry) => entry.digest), ...wrong, document].map((entry) => ({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: entry,
      size: 5,
    }));
    await putRaw(world, tag, { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests });

    const { pieces, unreadable } = await gather(world);

    expect(pieces.map(({ bytes }) => bytes.toString())).toEqual(['{"bundle":"good"}']);
    expect(unreadable).toHaveLength(wrong.length);
    for (const entry of wrong) expect(unreadable.map(({ location }) => location).join()).toContain(entry);
  });

  it('records a .sig tag that is no image, and reads the bundles beside it', async () => {
    const world = await storeWorld();
    await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));
    const tag = signatureTag(world.subject.digest);
    await putRaw(world, tag, { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] });

    const { pieces, unreadable } = await gather(world);

    expect(pieces.map(({ layout }) => layout)).toEqual(['bundle']);
    expect(unreadable).toHaveLength(1);
  });

  it('never takes bytes that are not what the digest says', async () => {
    const world = await storeWorld({ permissive: true });
    await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('one')]);
    world.registry.setFault(({ path }) => (path.includes('/blobs/') ? { kind: 'corrupt-body', atByte: 3 } : undefined));

    const { pieces, unreadable } = await gather(world);

    expect(pieces).toEqual([]);
    expect(unreadable).toHaveLength(1);
  });

  it('fails where the registry fails, instead of finding nothing', async () => {
    const world = await storeWorld();
    world.registry.setFault(({ path }) => (path.includes('/referrers/') ? { kind: 'status', status: 500 } : undefined));

    await expect(gather(world)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });
});

describe('limits', () => {
  const limits = { layers: 2, referrers: 2, signatureBytes: 40, attestationBytes: 60, totalBytes: 100 };
  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

  it.each([
    ['too many signatures', { sig: names(3) }, 'layers under the .sig tag'],
    ['too many referrers', { bundles: names(3) }, '3 referrers'],
    ['a signature that is too large', { sig: ['a name that makes the payload too long'] }, 'more than 40'],
    [
      'a bundle that is too large',
      { bundles: ['a name that makes the bundle much too long, '.repeat(2)] },
      'more than 60',
    ],
    ['too much of everything', { sig: names(2), bundles: ['x'.repeat(30), 'y'.repeat(30)] }, 'bytes of evidence'],
  ] as const)('say so for %s, and show nothing', async (_, { sig = [], bundles = [] }: Planted, message) => {
    const world = await storeWorld({ store: { limits } });
    if (sig.length > 0)
      await world.store.addSignatures(
        world.repository,
        world.subject.digest,
        sig.map((name) => layerNamed(name)),
      );
    for (const name of bundles) await world.store.attachBundle(world.repository, world.subject, bundleNamed(name));

    const evidence = await gather(world);

    expect(evidence.excess).toContain(message);
    expect(evidence.pieces).toEqual([]);
  });

  it('let in what is exactly at them', async () => {
    const world = await storeWorld({ store: { limits } });
    await world.store.addSignatures(
      world.repository,
      world.subject.digest,
      names(2).map((name) => layerNamed(name)),
    );
    for (const name of names(2)) await world.store.attachBundle(world.repository, world.subject, bundleNamed(name));

    expect(await gather(world)).toMatchObject({ excess: null, pieces: [{}, {}, {}, {}] });
  });
});

interface Planted {
  readonly sig?: readonly string[];
  readonly bundles?: readonly string[];
}

describe('listEvidence and gatherExact', () => {
  it('name what is there, and read exactly that when more has come', async () => {
    const world = await storeWorld();
    const { digest } = world.subject;
    await world.store.addSignatures(world.repository, digest, [layerNamed('one')]);
    await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));
    const listed = await world.store.listEvidence(world.repository, digest, ALL);
    const before = await gather(world);

    await world.store.addSignatures(world.repository, digest, [layerNamed('two')]);
    await world.store.attachBundle(world.repository, world.subject, bundleNamed('two'));

    expect(listed).toMatchObject({ att: null, referrers: [expect.any(String)] });
    expect(await world.store.gatherExact(world.repository, digest, listed)).toEqual(before);
    expect((await gather(world)).pieces).toHaveLength(4);
  });

  it('record what is gone', async () => {
    const world = await storeWorld();
    const gone = { sig: digestOf('sig'), att: null, referrers: [digestOf('bundle')] };

    const { pieces, unreadable } = await world.store.gatherExact(world.repository, world.subject.digest, gone);

    expect(pieces).toEqual([]);
    expect(unreadable).toHaveLength(2);
  });
});
