// SPDX-License-Identifier: Apache-2.0
import { digestOf, type DigestAlgorithm } from '@promograph/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pseudoRandomBytes } from '../images/pseudo-random-bytes.ts';
import { type RunningRegistry, startRegistry } from './start-registry.ts';

let registry: RunningRegistry;
let serial = 0;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(new URL(path, registry.url), init);
const location = (response: Response): string => response.headers.get('location') ?? '';
const withDigest = (path: string, digest: string): string => `${path}${path.includes('?') ? '&' : '?'}digest=${digest}`;
const begin = (repository: string, query = ''): Promise<Response> =>
  call(`/v2/${repository}/blobs/uploads/${query}`, { method: 'POST' });
const patch = (path: string, bytes: Buffer, start?: number): Promise<Response> =>
  call(path, {
    method: 'PATCH',
    body: new Uint8Array(bytes),
    headers: start === undefined ? {} : { 'content-range': `${start}-${start + bytes.length - 1}` },
  });
const put = (path: string, bytes: Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  call(path, { method: 'PUT', body: new Uint8Array(bytes), headers });
const pulled = async (repository: string, digest: string): Promise<Buffer> => {
  return Buffer.from(await (await call(`/v2/${repository}/blobs/${digest}`)).arrayBuffer());
};

describe.each<DigestAlgorithm>(['sha256', 'sha512'])('blob uploads with %s', (algorithm) => {
  const blob = (sizeBytes = 5000): { bytes: Buffer; digest: string } => {
    const bytes = pseudoRandomBytes(`${algorithm} ${(serial += 1)}`, sizeBytes);
    return { bytes, digest: digestOf(bytes, algorithm) };
  };
  const { name } = { name: `uploads/${algorithm}` };

  it('takes a whole blob in the closing PUT', async () => {
    const { bytes, digest } = blob();
    const started = await begin(name);

    const done = await put(withDigest(location(started), digest), bytes);

    expect([started.status, done.status]).toEqual([202, 201]);
    expect(done.headers.get('docker-content-digest')).toBe(digest);
    expect(Buffer.from(await (await call(location(done))).arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('takes a whole blob in the POST', async () => {
    const { bytes, digest } = blob();

    const done = await call(`/v2/${name}/blobs/uploads/?digest=${digest}`, {
      method: 'POST',
      body: new Uint8Array(bytes),
    });

    expect(done.status).toBe(201);
    expect((await pulled(name, digest)).equals(bytes)).toBe(true);
  });

  it('takes a blob in one PATCH without a range', async () => {
    const { bytes, digest } = blob();
    const patched = await patch(location(await begin(name, `?digest-algorithm=${algorithm}`)), bytes);

    const done = await put(withDigest(location(patched), digest), Buffer.alloc(0));

    expect([patched.status, done.status]).toEqual([202, 201]);
    expect((await pulled(name, digest)).equals(bytes)).toBe(true);
  });

  it.each([
    ['the last chunk in a PATCH', false],
    ['the last chunk in the closing PUT', true],
  ])('takes chunks in order, %s', async (_, lastInPut) => {
    const { bytes, digest } = blob();
    const first = await patch(location(await begin(name)), bytes.subarray(0, 2000), 0);
    const second = lastInPut ? first : await patch(location(first), bytes.subarray(2000), 2000);

    const range = { 'content-range': '2000-4999' };
    const closing = lastInPut ? bytes.subarray(2000) : Buffer.alloc(0);
    const done = await put(withDigest(location(second), digest), closing, lastInPut ? range : {});

    expect(first.headers.get('range')).toBe('0-1999');
    expect(done.status).toBe(201);
    expect((await pulled(name, digest)).equals(bytes)).toBe(true);
  });

  it('refuses a chunk out of order with 416, tells where it is, and goes on from there', async () => {
    const { bytes, digest } = blob();
    const first = await patch(location(await begin(name)), bytes.subarray(0, 1000), 0);

    const early = await patch(location(first), bytes.subarray(3000), 3000);
    const again = await patch(location(first), bytes.subarray(0, 1000), 0);
    const status = await call(location(first));
    const rest = await patch(location(status), bytes.subarray(1000), 1000);
    const done = await put(withDigest(location(rest), digest), Buffer.alloc(0));

    expect([early.status, again.status, status.status, done.status]).toEqual([416, 416, 204, 201]);
    expect([early.headers.get('range'), status.headers.get('range')]).toEqual(['0-999', '0-999']);
  });

  it.each([
    [
      'POST',
      (digest: string, bytes: Buffer) =>
        call(`/v2/${name}/blobs/uploads/?digest=${digest}`, { method: 'POST', body: new Uint8Array(bytes) }),
    ],
    ['PUT', async (digest: string, bytes: Buffer) => put(withDigest(location(await begin(name)), digest), bytes)],
    [
      'PATCH and PUT',
      async (digest: string, bytes: Buffer) =>
        put(withDigest(location(await patch(location(await begin(name)), bytes)), digest), Buffer.alloc(0)),
    ],
  ])('refuses content of another digest in %s and keeps nothing of it', async (_, send) => {
    const { bytes, digest } = blob();
    const open = registry.openUploads;

    const refused = await send(digest, Buffer.concat([bytes, Buffer.from('oh no')]));

    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'DIGEST_INVALID' }] });
    expect((await call(`/v2/${name}/blobs/${digest}`, { method: 'HEAD' })).status).toBe(404);
    expect(registry.openUploads).toBe(open);
  });

  it('takes the empty blob', async () => {
    const digest = digestOf('', algorithm);

    const done = await put(withDigest(location(await begin(name)), digest), Buffer.alloc(0));

    expect(done.status).toBe(201);
    const head = await call(`/v2/${name}/blobs/${digest}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '0']);
    expect((await pulled(name, digest)).length).toBe(0);
  });

  it('mounts from a named repository, or from any, and starts an upload where there is nothing to mount', async () => {
    const { bytes, digest } = blob();
    await put(withDigest(location(await begin(`${name}/source`)), digest), bytes);

    const named = await begin(`${name}/one`, `?mount=${digest}&from=${name}/source`);
    const anywhere = await begin(`${name}/two`, `?mount=${digest}`);
    const wrong = await begin(`${name}/three`, `?mount=${digest}&from=${name}/elsewhere`);
    const missing = await begin(`${name}/three`, `?mount=${blob().digest}`);

    expect([named.status, anywhere.status, wrong.status, missing.status]).toEqual([201, 201, 202, 202]);
    expect(location(named)).toBe(`/v2/${name}/one/blobs/${digest}`);
    expect((await pulled(`${name}/two`, digest)).equals(bytes)).toBe(true);
    const afterwards = await put(withDigest(location(wrong), digest), bytes);
    expect(afterwards.status).toBe(201);
  });

  it('deletes a blob of one repository, not of another', async () => {
    const { bytes, digest } = blob();
    await put(withDigest(location(await begin(`${name}/keep`)), digest), bytes);
    await begin(`${name}/drop`, `?mount=${digest}&from=${name}/keep`);

    const deleted = await call(`/v2/${name}/drop/blobs/${digest}`, { method: 'DELETE' });

    expect(deleted.status).toBe(202);
    expect((await call(`/v2/${name}/drop/blobs/${digest}`, { method: 'HEAD' })).status).toBe(404);
    expect((await pulled(`${name}/keep`, digest)).equals(bytes)).toBe(true);
  });
});

describe('upload sessions', () => {
  it('are cancelled by DELETE', async () => {
    const started = await begin('uploads/cancel');

    const cancelled = await call(location(started), { method: 'DELETE' });

    expect(cancelled.status).toBe(204);
    expect((await call(location(started))).status).toBe(404);
  });

  it('belong to their repository', async () => {
    const started = await begin('uploads/mine');

    const stolen = await call(location(started).replace('uploads/mine', 'uploads/yours'));

    expect(stolen.status).toBe(404);
    expect(await stolen.json()).toMatchObject({ errors: [{ code: 'BLOB_UPLOAD_UNKNOWN' }] });
  });

  it.each([
    ['a closing PUT without a digest', 'PUT', ''],
    ['a digest of another algorithm', 'PUT', `?digest=md5:${'0'.repeat(32)}`],
    ['a digest that is too short', 'PUT', '?digest=sha256:baddigeststring'],
  ])('refuse %s', async (_, method, query) => {
    const path = location(await begin('uploads/bad')).split('?')[0] ?? '';

    expect((await call(path + query, { method })).status).toBe(400);
  });

  it('refuse a chunk whose length is not that of its range', async () => {
    const started = await begin('uploads/length');

    const refused = await call(location(started), {
      method: 'PATCH',
      body: 'abc',
      headers: { 'content-range': '0-9' },
    });

    expect(await refused.json()).toMatchObject({ errors: [{ code: 'SIZE_INVALID' }] });
  });

  it('take turns: of two closing requests at once the second finds the upload ended', async () => {
    const bytes = pseudoRandomBytes('twice', 300_000);
    const path = withDigest(location(await begin('uploads/twice')), digestOf(bytes));

    const answers = await Promise.all([put(path, bytes), put(path, bytes)]);

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404]);
  });

  it('refuse other methods and unknown algorithms', async () => {
    expect((await call('/v2/uploads/x/blobs/uploads/')).status).toBe(405);
    expect((await call(location(await begin('uploads/x')), { method: 'POST' })).status).toBe(405);
    expect((await begin('uploads/x', '?digest-algorithm=md5')).status).toBe(400);
  });
});

describe('pulling a blob', () => {
  const bytes = pseudoRandomBytes('ranges', 2048);
  const path = `/v2/pull/ranges/blobs/${digestOf(bytes)}`;
  beforeAll(async () => {
    await put(withDigest(location(await begin('pull/ranges')), digestOf(bytes)), bytes);
  });

  it.each([
    ['bytes=500-1499', 500, 1500],
    ['bytes=500-', 500, 2048],
    ['bytes=-500', 1548, 2048],
    ['bytes=2000-5000', 2000, 2048],
    ['bytes=0-0', 0, 1],
  ])('answers the range %s', async (range, start, end) => {
    const response = await call(path, { headers: { range } });

    expect([response.status, response.headers.get('content-length')]).toEqual([206, String(end - start)]);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/2048`);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(start, end))).toBe(true);
  });

  it.each(['bytes=500-0', 'bytes=5000-10000', 'bytes=2048-'])('answers 416 to the range %s', async (range) => {
    const response = await call(path, { headers: { range } });

    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */2048']);
  });

  it('answers the whole to what is no single range of bytes', async () => {
    expect((await call(path, { headers: { range: 'bytes=0-1,5-6' } })).status).toBe(200);
  });

  it('tells length and digest without the bytes', async () => {
    const head = await call(path, { method: 'HEAD' });

    expect(head.headers.get('content-length')).toBe('2048');
    expect(head.headers.get('docker-content-digest')).toBe(digestOf(bytes));
  });

  it.each([
    ['an unknown blob', `/v2/pull/ranges/blobs/${digestOf('nothing')}`, { status: 404, code: 'BLOB_UNKNOWN' }],
    ['an unknown repository', `/v2/pull/nowhere/blobs/${digestOf('nothing')}`, { status: 404, code: 'NAME_UNKNOWN' }],
    ['no digest', '/v2/pull/ranges/blobs/latest', { status: 400, code: 'DIGEST_INVALID' }],
    ['a name outside the grammar', `/v2/PULL/blobs/${digestOf('nothing')}`, { status: 404, code: 'NAME_INVALID' }],
  ])('tells %s', async (_, wrongPath, { status, code }) => {
    const response = await call(wrongPath);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ code }] });
  });
});
