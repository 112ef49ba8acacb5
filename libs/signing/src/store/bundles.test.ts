// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { digestOf, parseRepository } from '@promograph/oci';
import { referrersTag } from '@promograph/registry';
import { describe, expect, it } from 'vitest';
import type { BundleReferrer, Evidence } from '../evidence.ts';
import { carryRefusal } from './bundle-manifest.ts';
import {
  bundleNamed,
  putRaw,
  readRaw,
  type StoreWorld,
  storeWorld,
  withoutReferrersApi,
} from './store-world.testing.ts';

const REFERRERS = { signatures: false, attestations: false, referrers: true };

function gather({ store, repository, subject }: StoreWorld): Promise<Evidence> {
  return store.gather(repository, subject.digest, REFERRERS);
}

function contents({ pieces }: Evidence): string[] {
  return pieces.map(({ bytes }) => bytes.toString()).toSorted();
}

async function onlyBundle(world: StoreWorld): Promise<BundleReferrer> {
  const [piece] = (await gather(world)).pieces;
  if (piece?.layout !== 'bundle') throw new Error('no bundle');
  return piece;
}

describe('attachBundle', () => {
  it('writes the manifest that cosign writes, byte for byte', async () => {
    const world = await storeWorld();
    const bundle = bundleNamed('one');

    const { digest } = await world.store.attachBundle(world.repository, world.subject, bundle);

    const layer = createHash('sha256').update(bundle.bytes).digest('hex');
    const { mediaType, sizeBytes, digest: subject } = world.subject;
    expect((await world.registry.content(digest)).toString()).toBe(
      `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"},"layers":[{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","size":${bundle.bytes.length},"digest":"sha256:${layer}"}],"annotations":{"dev.sigstore.bundle.content":"dsse-envelope","dev.sigstore.bundle.predicateType":"https://sigstore.dev/cosign/sign/v1","org.opencontainers.image.created":"2026-11-21T00:49:05Z"},"subject":{"mediaType":"${mediaType}","size":${sizeBytes},"digest":"${subject}"},"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"}`,
    );
  });

  it('writes no fallback tag where the registry says that it lists referrers', async () => {
    const world = await storeWorld();

    await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));

    expect(await readRaw(world, referrersTag(world.subject.digest))).toBeNull();
    expect(contents(await gather(world))).toEqual(['{"bundle":"one"}']);
  });

  it('is content with the answer to a second PUT where the first was lost', async () => {
    const world = await storeWorld();
    let isLost = false;
    world.registry.setFault(({ method, path }) => {
      if (isLost || method !== 'PUT' || !path.includes('/manifests/')) return undefined;
      isLost = true;
      return { kind: 'drop-response' };
    });

    await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));

    expect(await readRaw(world, referrersTag(world.subject.digest))).toBeNull();
  });

  it('attaches to what is not there yet', async () => {
    const world = await storeWorld();
    const subject = { ...world.subject, digest: digestOf('to be pushed') };

    const { status } = await world.store.attachBundle(world.repository, subject, bundleNamed('one'));

    expect(status).toBe('written');
    const { pieces } = await world.store.gather(world.repository, subject.digest, REFERRERS);
    expect(pieces).toHaveLength(1);
  });

  it('says in the fallback index what each entry is, sorted, beside the entries of others', async () => {
    const world = await storeWorld({ onRequest: withoutReferrersApi });
    const first = await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));
    const tag = referrersTag(world.subject.digest);
    const index = (await readRaw(world, tag)) as { manifests: { digest: string }[]; mediaType: string };
    const foreign = { ...index.manifests[0], artifactType: 'text/foreign', annotations: { of: 'others' } };
    await putRaw(world, tag, { ...index, manifests: [foreign], annotations: { foreign: 'yes' } });

    const more = await Promise.all(
      ['two', 'three', 'four'].map((name) =>
        world.store.attachBundle(world.repository, world.subject, bundleNamed(name)),
      ),
    );

    const merged = (await readRaw(world, tag)) as { manifests: { digest: string }[]; annotations: object };
    const digests = merged.manifests.map(({ digest }) => digest);
    expect(digests).toEqual([first.digest, ...more.map(({ digest }) => digest)].sort());
    expect(merged.annotations).toEqual({ foreign: 'yes' });
    expect(merged.manifests).toContainEqual(foreign);
    expect(merged.manifests).toContainEqual(
      expect.objectContaining({
        digest: more[0]?.digest,
        artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        annotations: {
          'dev.sigstore.bundle.content': 'dsse-envelope',
          'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
          'org.opencontainers.image.created': '2026-11-21T00:49:05Z',
        },
      }),
    );
    expect(contents(await gather(world))).toHaveLength(4);
  });

  it.each([
    ['the referrers API', undefined],
    ['a fallback tag', withoutReferrersApi],
  ])('finds the same bytes attached already, with %s', async (_, onRequest) => {
    const world = await storeWorld(onRequest === undefined ? {} : { onRequest });
    const first = await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));

    const second = await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));

    expect(second).toEqual({ status: 'present', digest: first.digest });
    expect((await gather(world)).pieces).toHaveLength(1);
  });

  it('names the referrers API as the way out where fallback tags cannot be moved', async () => {
    const world = await storeWorld({ onRequest: withoutReferrersApi, immutableTags: true });
    await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));

    await expect(world.store.attachBundle(world.repository, world.subject, bundleNamed('two'))).rejects.toMatchObject({
      code: 'SIGNING_STORE',
      hint: expect.stringContaining('referrers API') as string,
    });
  });
});

describe('carryBundle', () => {
  it.each([
    ['the referrers API', undefined],
    ['a fallback tag', withoutReferrersApi],
  ])('brings manifest and bundle over byte for byte, once, with %s', async (_, onRequest) => {
    const staging = await storeWorld();
    const production = await storeWorld(onRequest === undefined ? {} : { onRequest });
    await staging.store.attachBundle(staging.repository, staging.subject, bundleNamed('one', 'https://slsa.dev/x'));
    const bundle = await onlyBundle(staging);

    const first = await production.store.carryBundle(production.repository, production.subject.digest, bundle);
    const second = await production.store.carryBundle(production.repository, production.subject.digest, bundle);

    expect([first.status, second.status]).toEqual(['written', 'present']);
    const carried = await onlyBundle(production);
    expect(carried).toEqual(bundle);
    expect(await production.registry.content(carried.manifest)).toEqual(bundle.manifestBytes);
  });

  it('134. brings six attestations into one fallback tag', async () => {
    const staging = await storeWorld();
    const production = await storeWorld({ onRequest: withoutReferrersApi });
    const names = ['one', 'two', 'three', 'four', 'five', 'six'];
    for (const name of names) {
      await staging.store.attachBundle(
        staging.repository,
        staging.subject,
        bundleNamed(name, `https://slsa.dev/${name}`),
      );
    }
    const bundles = (await gather(staging)).pieces.filter((piece) => piece.layout === 'bundle');

    await Promise.all(
      bundles.map((bundle) => production.store.carryBundle(production.repository, production.subject.digest, bundle)),
    );

    const index = (await readRaw(production, referrersTag(production.subject.digest))) as {
      readonly manifests: readonly { readonly digest: string }[];
    };
    expect(index.manifests.map(({ digest }) => digest)).toEqual(bundles.map(({ manifest }) => manifest).toSorted());
    expect(contents(await gather(production))).toEqual(contents(await gather(staging)));
    expect(bundles).toHaveLength(names.length);
  });

  it('lists a referrer that is there but was never listed', async () => {
    const world = await storeWorld({ onRequest: withoutReferrersApi });
    await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));
    const bundle = await onlyBundle(world);
    const tag = referrersTag(world.subject.digest);
    await putRaw(world, tag, {
      ...(await readRaw(world, tag)),
      manifests: [],
      mediaType: 'application/vnd.oci.image.index.v1+json',
    });

    const { status } = await world.store.carryBundle(world.repository, world.subject.digest, bundle);

    expect(status).toBe('written');
    expect((await onlyBundle(world)).manifest).toBe(bundle.manifest);
  });

  it('writes nothing whose shape is not exactly that of a bundle about the subject', async () => {
    const world = await storeWorld();
    await world.store.attachBundle(world.repository, world.subject, bundleNamed('one'));
    const bundle = await onlyBundle(world);
    const changed = (change: (manifest: Record<string, unknown>) => object): BundleReferrer => {
      const manifest = JSON.parse(bundle.manifestBytes.toString()) as Record<string, unknown>;
      const manifestBytes = Buffer.from(JSON.stringify(change(manifest)));
      return { ...bundle, manifestBytes, manifest: digestOf(manifestBytes) };
    };
    const layer = { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', size: 16, digest: bundle.layer };
    const cases: readonly [string, BundleReferrer][] = [
      ['bytes', { ...bundle, bytes: Buffer.from('{"bundle":"two"}') }],
      ['manifest', { ...bundle, manifest: bundle.layer }],
      ['subject', changed((manifest) => ({ ...manifest, subject: { ...layer, digest: digestOf('another') } }))],
      ['layers', changed((manifest) => ({ ...manifest, layers: [layer, layer] }))],
      ['type', changed((manifest) => ({ ...manifest, layers: [{ ...layer, mediaType: 'text/plain' }] }))],
      ['artifact', changed((manifest) => ({ ...manifest, artifactType: 'text/plain' }))],
      ['config', changed((manifest) => ({ ...manifest, config: { ...layer, mediaType: 'text/plain' } }))],
      ['layer', changed((manifest) => ({ ...manifest, layers: [{ ...layer, digest: digestOf('another') }] }))],
    ];
    const production = parseRepository(`${world.registry.host}/production`);

    for (const [what, referrer] of cases) {
      await expect(world.store.carryBundle(production, world.subject.digest, referrer), what).rejects.toMatchObject({
        code: 'SIGNING_STORE',
      });
    }
    expect(carryRefusal(bundle, world.subject.digest, 'https://slsa.dev/x')).toContain('annotated');
    expect(carryRefusal(bundle, world.subject.digest, bundle.annotatedType)).toBeNull();
    expect(Object.keys(world.registry.repositories())).not.toContain('production');
    expect(cases.map(([, referrer]) => carryRefusal(referrer, world.subject.digest, null))).not.toContain(null);
  });
});
