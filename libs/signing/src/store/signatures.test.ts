// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { MEDIA_TYPES } from '@promograph/oci';
import { putBlob } from '@promograph/registry';
import { describe, expect, it } from 'vitest';
import { SIGNATURE_ANNOTATION } from './evidence-media-types.ts';
import { signatureTag } from './evidence-tags.ts';
import { layerNamed, putRaw, readRaw, type StoreWorld, storeWorld } from './store-world.testing.ts';

const ALL = { signatures: true, attestations: true, referrers: true };

function tagOf({ subject }: StoreWorld): string {
  return signatureTag(subject.digest) ?? '';
}

async function signatures(world: StoreWorld): Promise<(string | undefined)[]> {
  const { pieces } = await world.store.gather(world.repository, world.subject.digest, ALL);
  return pieces.flatMap((piece) => (piece.layout === 'sig' ? [piece.annotations[SIGNATURE_ANNOTATION]] : []));
}

describe('addSignatures', () => {
  it('writes the manifest and the config that cosign writes, byte for byte', async () => {
    const world = await storeWorld();
    const layer = layerNamed('one');

    await world.store.addSignatures(world.repository, world.subject.digest, [layer]);

    const digest = `sha256:${createHash('sha256').update(layer.bytes).digest('hex')}`;
    const config = `{"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"created":"0001-01-01T00:00:00Z"}],"os":"","rootfs":{"type":"layers","diff_ids":["${digest}"]},"config":{}}`;
    const configDigest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
    const document = await world.client.getManifest(world.repository, tagOf(world));
    expect(Buffer.from(document?.bytes ?? '').toString()).toBe(
      `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":${config.length},"digest":"${configDigest}"},"layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","size":${layer.bytes.length},"digest":"${digest}","annotations":{"dev.cosignproject.cosign/signature":"signature of one","dev.sigstore.cosign/chain":""}}]}`,
    );
    expect((await world.registry.content(document?.blobs[0]?.digest ?? world.subject.digest)).toString()).toBe(config);
  });

  it('adds behind what is there, leaves foreign layers and fields as they are, and writes nothing twice', async () => {
    const world = await storeWorld();
    const { blob } = await putBlob(world.client, { repository: world.repository, bytes: Buffer.from('{"foreign":1}') });
    const config = await putBlob(world.client, { repository: world.repository, bytes: Buffer.from('{}') });
    const foreign = { mediaType: 'text/foreign', size: blob.sizeBytes, digest: blob.digest, platform: { os: 'none' } };
    await putRaw(world, tagOf(world), {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: { mediaType: MEDIA_TYPES.octetStream, size: 2, digest: config.blob.digest },
      layers: [foreign],
      annotations: { foreign: 'yes' },
    });

    const layers = [layerNamed('one'), layerNamed('two')];
    const first = await world.store.addSignatures(world.repository, world.subject.digest, layers);
    const second = await world.store.addSignatures(world.repository, world.subject.digest, layers);
    const third = await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('three')]);

    expect([first.status, second.status, third.status]).toEqual(['written', 'present', 'written']);
    expect(second.digest).toBe(first.digest);
    const manifest = await readRaw(world, tagOf(world));
    expect(manifest).toMatchObject({ annotations: { foreign: 'yes' }, layers: [foreign, {}, {}, {}] });
    expect(await signatures(world)).toEqual(['one', 'two', 'three'].map((name) => `signature of ${name}`));
  });

  it('takes one payload with another signature for another layer', async () => {
    const world = await storeWorld();
    const layers = [layerNamed('one', '{"same":1}'), layerNamed('two', '{"same":1}')];

    await world.store.addSignatures(world.repository, world.subject.digest, layers);

    expect(await signatures(world)).toEqual(['signature of one', 'signature of two']);
  });

  it('merges again when another program wrote over it, having read before', async () => {
    const world = await storeWorld();
    await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('one')]);
    const before = await world.client.getManifest(world.repository, tagOf(world));
    if (before === null) throw new Error('no signatures');
    let puts = 0;
    let isOverwriting = false;
    world.registry.setFault(async ({ method, path }) => {
      if (!path.endsWith(tagOf(world)) || isOverwriting) return undefined;
      if (method === 'PUT') puts += 1;
      if (method !== 'GET' || puts !== 1) return undefined;
      isOverwriting = true;
      await world.client.putManifest(world.repository, tagOf(world), before);
      puts += 1;
      isOverwriting = false;
      return undefined;
    });

    const outcome = await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('two')]);

    expect(outcome.status).toBe('written');
    expect(puts).toBe(3);
    expect(await signatures(world)).toEqual(['signature of one', 'signature of two']);
  });

  it('gives up with SIGNING_STORE where another program never stops writing over it', async () => {
    const world = await storeWorld();
    await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('one')]);
    const before = await world.client.getManifest(world.repository, tagOf(world));
    if (before === null) throw new Error('no signatures');
    let isOverwriting = false;
    world.registry.setFault(async ({ method, path }) => {
      if (!path.endsWith(tagOf(world)) || isOverwriting || method !== 'GET') return undefined;
      isOverwriting = true;
      await world.client.putManifest(world.repository, tagOf(world), before);
      isOverwriting = false;
      return undefined;
    });

    await expect(
      world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('two')]),
    ).rejects.toMatchObject({ code: 'SIGNING_STORE', retryable: true });
  });

  it('is done when only the answer to its write was lost', async () => {
    const world = await storeWorld();
    await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('one')]);
    let puts = 0;
    world.registry.setFault(({ method, path }) => {
      const isLost = method === 'PUT' && path.endsWith(tagOf(world)) && (puts += 1) === 1;
      return isLost ? { kind: 'drop-response' } : undefined;
    });

    const outcome = await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('two')]);

    expect(outcome.status).toBe('written');
    expect(puts).toBe(1);
    expect(await signatures(world)).toEqual(['signature of one', 'signature of two']);
  });

  it('writes again when its write was lost with the answer, though the tag points to what was there before', async () => {
    const world = await storeWorld();
    await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('one')]);
    let puts = 0;
    world.registry.setFault(({ method, path }) => {
      const isLost = method === 'PUT' && path.endsWith(tagOf(world)) && (puts += 1) === 1;
      return isLost ? { kind: 'reset' } : undefined;
    });

    await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('two')]);

    expect(puts).toBe(2);
    expect(await signatures(world)).toEqual(['signature of one', 'signature of two']);
  });

  it('names immutable tags as the reason where a second signature is refused', async () => {
    const world = await storeWorld({ immutableTags: true });
    await world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('one')]);

    await expect(
      world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('two')]),
    ).rejects.toMatchObject({ code: 'SIGNING_STORE', hint: expect.stringContaining('bundle format') as string });
    expect(await signatures(world)).toEqual(['signature of one']);
  });

  it('writes nothing over a .sig tag that is an index', async () => {
    const world = await storeWorld();
    const digest = await putRaw(world, tagOf(world), {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: [],
    });

    await expect(
      world.store.addSignatures(world.repository, world.subject.digest, [layerNamed('one')]),
    ).rejects.toMatchObject({ code: 'SIGNING_STORE' });
    expect((await world.client.headManifest(world.repository, tagOf(world)))?.digest).toBe(digest);
  });

  it('keeps the signatures of ten writers at once', async () => {
    const world = await storeWorld();
    const names = Array.from({ length: 10 }, (_, index) => `writer ${index}`);

    await Promise.all(
      names.map((name) => world.store.addSignatures(world.repository, world.subject.digest, [layerNamed(name)])),
    );

    expect((await signatures(world)).toSorted()).toEqual(names.map((name) => `signature of ${name}`));
  });
});
