// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { buildImage, buildIndex, pushImage, type RunningRegistry, startRegistry } from '@promograph/devstack';
import { type Descriptor, type Digest, digestOf, parseManifestDocument, type Repository } from '@promograph/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobOf, type ClientWorld, clientWorld } from './client-world.testing.ts';

let registry: RunningRegistry;
let world: ClientWorld;
let repository: Repository;

beforeEach(async () => {
  registry = await startRegistry();
  world = clientWorld();
  repository = { host: registry.host, path: 'team/app' };
});
afterEach(async () => {
  await world.client.close();
  await registry.close();
});

async function upload(to: Repository, bytes: Buffer): Promise<Descriptor> {
  const start = await world.client.startUpload(to);
  if (start.kind !== 'started') throw new Error('mounted what was not there');
  const blob = blobOf(bytes);
  await world.client.finishUpload(start.session, blob, Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]), {});
  return blob;
}

async function putImage(to: Repository, tag: string): Promise<Digest> {
  const config = await upload(to, Buffer.from(JSON.stringify({ architecture: 'amd64', tag })));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config.digest, size: config.sizeBytes },
      layers: [],
    }),
  );
  const document = parseManifestDocument(bytes, mediaType);
  await world.client.putManifest(to, tag, document);
  return document.digest;
}

describe('createRegistryClient', () => {
  it('uploads a blob and reads the same bytes back', async () => {
    const bytes = Buffer.from('the bytes of a layer');
    const blob = await upload(repository, bytes);

    const stream = await world.client.openBlob(repository, blob);

    expect(await buffer(stream.body)).toEqual(bytes);
    expect(stream.sizeBytes).toBe(bytes.length);
    expect(await world.client.hasBlob(repository, blob.digest)).toBe(true);
    expect(await world.client.hasBlob(repository, digestOf('something else'))).toBe(false);
  });

  it('uploads the empty blob', async () => {
    const blob = await upload(repository, Buffer.alloc(0));

    expect(await world.client.hasBlob(repository, blob.digest)).toBe(true);
  });

  it('puts a manifest under a tag and finds it by tag and by digest', async () => {
    const digest = await putImage(repository, 'v1');

    const head = await world.client.headManifest(repository, 'v1');
    const document = await world.client.getManifest(repository, digest);

    expect(head).toMatchObject({ digest, mediaType: 'application/vnd.oci.image.manifest.v1+json' });
    expect(document?.digest).toBe(digest);
    expect(head?.sizeBytes).toBe(document?.bytes.length);
  });

  it('answers null for what is not there', async () => {
    expect(await world.client.headManifest(repository, 'v1')).toBeNull();
    expect(await world.client.getManifest(repository, 'v1')).toBeNull();
    expect(await world.client.listTags(repository)).toBeNull();
    expect(await world.client.listRepository(repository)).toBeNull();
  });

  it('hashes with the algorithm that it was asked for', async () => {
    await putImage(repository, 'v1');
    const bytes = Buffer.from((await world.client.getManifest(repository, 'v1'))?.bytes ?? []);
    const document = parseManifestDocument(bytes, 'application/vnd.oci.image.manifest.v1+json');
    const sha512 = digestOf(bytes, 'sha512');
    await world.client.putManifest(repository, sha512, document);

    const found = await world.client.getManifest(repository, sha512);

    expect(found?.digest).toBe(`sha512:${createHash('sha512').update(bytes).digest('hex')}`);
    expect((await world.client.headManifest(repository, sha512))?.digest).toBe(sha512);
  });

  it('mounts a blob of another repository, and starts an upload where there is none', async () => {
    const blob = await upload(repository, Buffer.from('shared'));
    const other = { host: registry.host, path: 'team/other' };
    const mount = { digest: blob.digest, from: 'team/app' };

    expect(await world.client.startUpload(other, { mount })).toEqual({ kind: 'mounted' });
    const absent = await world.client.startUpload(other, { mount: { ...mount, digest: digestOf('absent') } });

    expect(absent.kind).toBe('started');
    if (absent.kind === 'started') await world.client.cancelUpload(absent.session);
    expect(registry.openUploads).toBe(0);
  });

  it('lists tags over several pages', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) await putImage(repository, name);
    await using small = clientWorld({ profile: { pageSize: 2 } });

    expect(await small.client.listTags(repository)).toEqual(names);
    expect(registry.requests.filter(({ path }) => path.includes('/tags/list'))).toHaveLength(3);
  });

  it('lists the repositories of a host over several pages', async () => {
    for (const path of ['a/x', 'b/y', 'c/z']) await putImage({ host: registry.host, path }, 'v1');
    await using small = clientWorld({ profile: { pageSize: 2 } });

    expect(await small.client.listCatalog(registry.host)).toEqual(['a/x', 'b/y', 'c/z']);
  });

  it('says that a host has no catalogue', async () => {
    await using bare = {
      registry: await startRegistry({ catalog: false }),
      [Symbol.asyncDispose]: () => bare.registry.close(),
    };

    expect(await world.client.listCatalog(bare.registry.host)).toBeNull();
  });

  it('reads an index with its children', async () => {
    const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
      buildImage({ platform, layers: [{ sizeBytes: 10, seed: platform }] }),
    );
    await pushImage({ url: registry.url, repository: 'team/app', image: buildIndex({ images }), tags: ['v2'] });

    const document = await world.client.getManifest(repository, 'v2');

    expect(document?.kind).toBe('index');
    expect(document?.children.map(({ platform }) => platform)).toEqual(['linux/amd64', 'linux/arm64']);
  });

  it('lists referrers by the API', async () => {
    const subject = buildImage({ layers: [{ sizeBytes: 10, seed: 'subject' }] });
    const signature = buildImage({ layers: [], artifactType: 'application/x.sig', subject: subject.manifest });
    await pushImage({ url: registry.url, repository: 'team/app', image: subject });
    const digest = subject.manifest.digest;
    expect(await world.client.listReferrers(repository, digest)).toEqual([]);

    await pushImage({ url: registry.url, repository: 'team/app', image: signature });

    expect(await world.client.listReferrers(repository, digest)).toMatchObject([
      { digest: signature.manifest.digest, artifactType: 'application/x.sig' },
    ]);
  });

  it('lists referrers by the fallback tag where the host has no API', async () => {
    registry.setFault(({ path }) => (path.includes('/referrers/') ? { kind: 'status', status: 404 } : undefined));
    const subject = buildImage({ layers: [{ sizeBytes: 10, seed: 'subject' }] });
    const signature = buildImage({ layers: [], artifactType: 'application/x.sig' });
    const tag = subject.manifest.digest.replace(':', '-');
    await pushImage({ url: registry.url, repository: 'team/app', image: subject });
    expect(await world.client.listReferrers(repository, subject.manifest.digest)).toEqual([]);

    await pushImage({
      url: registry.url,
      repository: 'team/app',
      image: buildIndex({ images: [signature] }),
      tags: [tag],
    });

    expect(await world.client.listReferrers(repository, subject.manifest.digest)).toMatchObject([
      { digest: signature.manifest.digest },
    ]);
  });

  it('leaves the fallback tag alone where the caller knows that there is none', async () => {
    registry.setFault(({ path }) => (path.includes('/referrers/') ? { kind: 'status', status: 404 } : undefined));
    registry.clearRequests();

    const subject = digestOf(Buffer.from('subject'));
    expect(await world.client.listReferrers(repository, subject, { fallbackTag: false })).toEqual([]);

    expect(registry.requests.filter(({ path }) => path.includes('/manifests/'))).toEqual([]);
  });
});
