// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { digestOf, MEDIA_TYPES } from '@promograph/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage, buildIndex, type ImageOptions } from '../images/build-image.ts';
import { type BuiltImage, contentOf } from '../images/built-image.ts';
import { pushImage } from '../images/push-image.ts';
import { type RunningRegistry, startRegistry } from './start-registry.ts';

let registry: RunningRegistry;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(new URL(path, registry.url), init);
const image = (seed: string, options: Partial<ImageOptions> = {}): BuiltImage =>
  buildImage({ layers: [{ seed, sizeBytes: 64 }], ...options });
const put = (path: string, body: string | Buffer, type: string = MEDIA_TYPES.ociManifest): Promise<Response> =>
  call(path, { method: 'PUT', body: new Uint8Array(Buffer.from(body)), headers: { 'content-type': type } });
// Fetch joins header lines of one name; the lines themselves are what a client without such a habit sees.
const lowLevelPut = async (path: string, body: Buffer): Promise<IncomingMessage> => {
  const headers = { 'content-type': MEDIA_TYPES.ociManifest };
  const sent = request(new URL(path, registry.url), { method: 'PUT', headers }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response;
};
const codeOf = async (response: Response): Promise<unknown> => {
  const { errors } = (await response.json()) as { errors: { code: string }[] };
  return errors[0]?.code;
};

describe.each(['sha256', 'sha512'] as const)('manifests with %s', (algorithm) => {
  const repository = `manifests/${algorithm}`;

  it('come back byte for byte by digest and by tag', async () => {
    const built = image('round trip', { algorithm });
    await pushImage({ url: registry.url, repository, image: built });
    const digest = built.manifest.digest;

    const pushed = await put(`/v2/${repository}/manifests/${digest}?tag=v1`, built.manifest.bytes);
    const byDigest = await call(`/v2/${repository}/manifests/${digest}`);
    const byTag = await call(`/v2/${repository}/manifests/v1`, { method: 'HEAD' });

    expect([pushed.status, byDigest.status, byTag.status]).toEqual([201, 200, 200]);
    expect(pushed.headers.get('location')).toBe(`/v2/${repository}/manifests/${digest}`);
    expect(Buffer.from(await byDigest.arrayBuffer()).equals(built.manifest.bytes)).toBe(true);
    expect(byTag.headers.get('docker-content-digest')).toBe(digest);
    expect(byTag.headers.get('content-length')).toBe(String(built.manifest.sizeBytes));
    expect(byTag.headers.get('content-type')).toBe(MEDIA_TYPES.ociManifest);
  });

  it('nest: an index of indexes of images', async () => {
    const inner = ['a', 'b'].map((seed) => buildIndex({ images: [image(seed, { algorithm })], algorithm }));
    const outer = buildIndex({ images: inner, algorithm, annotations: { nested: 'yes' } });

    await pushImage({ url: registry.url, repository, image: outer, tags: ['nested'] });

    const stored = await call(`/v2/${repository}/manifests/${outer.manifest.digest}`);
    expect(Buffer.from(await stored.arrayBuffer()).equals(outer.manifest.bytes)).toBe(true);
  });
});

describe('putting a manifest', () => {
  it.each(['sha256', 'sha512'] as const)('sets all tags of ?tag=, one OCI-Tag line for each, %s', async (algorithm) => {
    const built = image('tags', { algorithm });
    const { digest, bytes } = built.manifest;
    await pushImage({ url: registry.url, repository: 'put/tags', image: built });

    const { headersDistinct } = await lowLevelPut(`/v2/put/tags/manifests/${digest}?tag=a&tag=b`, bytes);

    expect(headersDistinct['oci-tag']).toEqual(['a', 'b']);
    expect(registry.repositories()['put/tags']?.tags).toEqual({ a: digest, b: digest });
  });

  it.each([
    ['a digest that is not its own', { reference: `sha256:${'0'.repeat(64)}` }, '400 DIGEST_INVALID'],
    ['a digest that is none', { reference: 'sha256:baddigeststring' }, '400 DIGEST_INVALID'],
    ['a tag that is none', { reference: '-v1' }, '400 TAG_INVALID'],
    ['text that is no JSON', { body: 'no json' }, '400 MANIFEST_INVALID'],
    ['a JSON array', { body: '[]' }, '400 MANIFEST_INVALID'],
    ['another schema version', { body: '{"schemaVersion":1}' }, '400 MANIFEST_INVALID'],
    [
      'a mediaType that differs from the header',
      { body: `{"schemaVersion":2,"mediaType":"${MEDIA_TYPES.ociIndex}"}` },
      '400 MANIFEST_INVALID',
    ],
  ])('refuses %s', async (_, { reference = 'v1', body }: { reference?: string; body?: string }, expected) => {
    const built = image('refused');
    await pushImage({ url: registry.url, repository: 'put/refused', image: built });

    const response = await put(`/v2/put/refused/manifests/${reference}`, body ?? built.manifest.bytes);

    expect(`${response.status} ${String(await codeOf(response))}`).toBe(expected);
    expect(registry.repositories()['put/refused']?.tags).toEqual({});
  });

  it('refuses missing layers and missing children', async () => {
    const index = buildIndex({ images: [image('missing')] });

    const manifest = await put('/v2/put/missing/manifests/v1', image('missing').manifest.bytes);
    const list = await put('/v2/put/missing/manifests/v1', index.manifest.bytes, MEDIA_TYPES.ociIndex);

    expect([await codeOf(manifest), await codeOf(list)]).toEqual(['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN']);
  });

  it('does not ask for nondistributable layers and layers with URLs', async () => {
    const [config] = image('foreign').blobs;
    await pushImage({ url: registry.url, repository: 'put/foreign', image: image('foreign') });
    const layers = [
      { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar', digest: digestOf('1'), size: 9 },
      {
        mediaType: 'application/vnd.oci.image.layer.v1.tar',
        digest: digestOf('2'),
        size: 9,
        urls: ['https://a.example/b'],
      },
    ];
    const manifest = { schemaVersion: 2, config: { ...config, size: config?.sizeBytes, bytes: undefined }, layers };

    expect((await put('/v2/put/foreign/manifests/v1', JSON.stringify(manifest))).status).toBe(201);
  });

  it.each([
    ['no layers', { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, layers: [] }],
    ['members that no specification knows', { schemaVersion: 2, layers: [], 'x-own': { deep: [1] } }],
  ])('takes %s', async (_, manifest) => {
    expect((await put('/v2/put/odd/manifests/v1', JSON.stringify(manifest))).status).toBe(201);
  });

  it('takes an empty index', async () => {
    const index = buildIndex({ images: [] });

    expect((await put('/v2/put/odd/manifests/i', index.manifest.bytes, MEDIA_TYPES.ociIndex)).status).toBe(201);
  });

  it('takes 4 MiB and refuses one byte more with 413', async () => {
    const manifest = (length: number): string => {
      const head = '{"schemaVersion":2,"layers":[],"annotations":{"x":"';
      return `${head}${'a'.repeat(length - head.length - 3)}"}}`;
    };

    const largest = await put('/v2/put/large/manifests/v1', manifest(4 * 1024 * 1024));
    const larger = await put('/v2/put/large/manifests/v2', manifest(4 * 1024 * 1024 + 1));

    expect([largest.status, larger.status, await codeOf(larger)]).toEqual([201, 413, 'SIZE_INVALID']);
  });

  it('moves a tag', async () => {
    await pushImage({ url: registry.url, repository: 'put/move', image: image('one'), tags: ['v1'] });
    await pushImage({ url: registry.url, repository: 'put/move', image: image('two'), tags: ['v1'] });

    expect(registry.repositories()['put/move']?.tags['v1']).toBe(image('two').manifest.digest);
  });
});

describe('deleting and missing manifests', () => {
  it('deletes a tag alone, and a manifest with all its tags', async () => {
    const { digest } = image('delete').manifest;
    const path = (reference: string): string => `/v2/delete/all/manifests/${reference}`;
    await pushImage({ url: registry.url, repository: 'delete/all', image: image('delete'), tags: ['a', 'b'] });

    const tag = await call(path('a'), { method: 'DELETE' });
    const still = await call(path(digest), { method: 'HEAD' });
    const manifest = await call(path(digest), { method: 'DELETE' });
    const gone = await Promise.all(['a', 'b', digest].map((reference) => call(path(reference), { method: 'HEAD' })));

    expect([tag.status, still.status, manifest.status]).toEqual([202, 200, 202]);
    expect(gone.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  it.each([
    ['an unknown repository', '/v2/none/here/manifests/v1', '404 NAME_UNKNOWN'],
    ['an unknown tag', '/v2/delete/all/manifests/none', '404 MANIFEST_UNKNOWN'],
    ['an unknown digest', `/v2/delete/all/manifests/${digestOf('x')}`, '404 MANIFEST_UNKNOWN'],
    ['a digest that is none', '/v2/delete/all/manifests/sha256:bad', '400 DIGEST_INVALID'],
  ])('tells %s', async (_, path, expected) => {
    const response = await call(path);

    expect(`${response.status} ${String(await codeOf(response))}`).toBe(expected);
  });

  it('refuses other methods', async () => {
    await pushImage({ url: registry.url, repository: 'delete/method', image: image('m'), tags: ['v1'] });

    expect((await call('/v2/delete/method/manifests/v1', { method: 'POST' })).status).toBe(405);
  });
});

describe('referrers', () => {
  const repository = 'referrers/of';
  const subject = image('subject');
  const artifact = (type: string): BuiltImage =>
    buildImage({
      layers: [{ bytes: Buffer.from(type) }],
      config: { mediaType: MEDIA_TYPES.ociEmpty, bytes: Buffer.from('{}') },
      artifactType: type,
      annotations: { kind: type },
      subject: subject.manifest,
    });
  const list = async (query = ''): Promise<{ body: { manifests: object[] }; headers: Headers }> => {
    const response = await call(`/v2/${repository}/referrers/${subject.manifest.digest}${query}`);
    return { body: (await response.json()) as { manifests: object[] }, headers: response.headers };
  };
  beforeAll(async () => {
    await pushImage({ url: registry.url, repository, image: subject });
    await pushImage({ url: registry.url, repository, image: artifact('application/vnd.a') });
    await pushImage({ url: registry.url, repository, image: artifact('application/vnd.b') });
    const byConfig = buildImage({
      layers: [],
      config: { mediaType: 'application/vnd.c', bytes: Buffer.from('{}') },
      subject: subject.manifest,
    });
    await pushImage({ url: registry.url, repository, image: byConfig });
    await pushImage({
      url: registry.url,
      repository,
      image: buildIndex({ images: [], artifactType: 'application/vnd.i', subject: subject.manifest }),
    });
  });

  it('are listed with type, size, artifact type and annotations', async () => {
    const { body, headers } = await list();

    const expected = artifact('application/vnd.a').manifest;
    expect(headers.get('content-type')).toBe(MEDIA_TYPES.ociIndex);
    expect(body).toMatchObject({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex });
    expect(body.manifests).toHaveLength(4);
    expect(body.manifests).toContainEqual({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: expected.digest,
      size: expected.sizeBytes,
      artifactType: 'application/vnd.a',
      annotations: { kind: 'application/vnd.a' },
    });
  });

  it.each(['application/vnd.b', 'application/vnd.c', 'application/vnd.i'])('are filtered by %s', async (type) => {
    const { body, headers } = await list(`?artifactType=${type}`);

    expect(headers.get('oci-filters-applied')).toBe('artifactType');
    expect(body.manifests).toEqual([expect.objectContaining({ artifactType: type })]);
  });

  it('are empty for a digest that is not there, in a repository that is not there', async () => {
    const response = await call(`/v2/referrers/none/referrers/${digestOf('x')}`);

    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ manifests: [] })]);
    expect((await call('/v2/referrers/none/referrers/v1')).status).toBe(400);
  });

  it('are accepted before their subject, which the answer names', async () => {
    const missing = contentOf(MEDIA_TYPES.ociManifest, Buffer.from('missing'));
    const orphan = buildImage({
      layers: [],
      config: { mediaType: 'application/vnd.o', bytes: Buffer.from('{}') },
      subject: missing,
    });
    await pushImage({ url: registry.url, repository, image: orphan });

    const response = await put(`/v2/${repository}/manifests/orphan`, orphan.manifest.bytes);

    expect([response.status, response.headers.get('oci-subject')]).toEqual([201, missing.digest]);
    const listed = (await (await call(`/v2/${repository}/referrers/${missing.digest}`)).json()) as {
      manifests: object[];
    };
    expect(listed.manifests).toHaveLength(1);
  });
});
