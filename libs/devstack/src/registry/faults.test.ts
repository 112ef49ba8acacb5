// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '@promograph/oci';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildImage } from '../images/build-image.ts';
import { pseudoRandomBytes } from '../images/pseudo-random-bytes.ts';
import { pushImage } from '../images/push-image.ts';
import type { Fault, RegistryRequest } from './fault.ts';
import { type RunningRegistry, startRegistry } from './start-registry.ts';

const SIZE = 600_000;
const image = buildImage({ layers: [{ seed: 'faults', sizeBytes: SIZE }] });
const layer = image.blobs[1];
const bytes = pseudoRandomBytes('faults', SIZE);

let registry: RunningRegistry;
beforeEach(async () => {
  registry = await startRegistry();
  await pushImage({ url: registry.url, repository: 'a', image, tags: ['v1'] });
  registry.clearRequests();
});
afterEach(() => registry.close());

/** Reads until the end or the failure; what came is there in both cases. */
const read = (path: string): Promise<{ status: number; body: Buffer; error: string | undefined }> => {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const done = (incoming: IncomingMessage | undefined, error?: NodeJS.ErrnoException): void =>
      resolve({ status: incoming?.statusCode ?? 0, body: Buffer.concat(chunks), error: error?.code });
    const request = httpGet(registry.url + path, { agent: false }, (incoming) => {
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', (error) => done(incoming, error));
      incoming.once('end', () => done(incoming));
    });
    request.once('error', (error) => done(undefined, error));
  });
};
const blobPath = `/v2/a/blobs/${layer?.digest ?? ''}`;
const always = (fault: Fault): void => registry.setFault(() => fault);
const upload = (content: Buffer): Promise<Response> =>
  fetch(`${registry.url}/v2/a/blobs/uploads/?digest=${digestOf(content)}`, {
    method: 'POST',
    body: new Uint8Array(content),
  });

describe('a fault of a request', () => {
  it('answers a status with headers and a body, and the request has no effect', async () => {
    always({ kind: 'status', status: 503, headers: { 'retry-after': '7' }, body: 'later' });

    const response = await fetch(`${registry.url}/v2/a/manifests/v1`, { method: 'DELETE' });

    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([503, '7', 'later']);
    expect(registry.repositories()['a']?.tags).toHaveProperty('v1');
  });

  it('redirects through a status', async () => {
    registry.setFault(({ query }) =>
      query.has('moved') ? undefined : { kind: 'status', status: 307, headers: { location: `${blobPath}?moved` } },
    );

    const response = await fetch(registry.url + blobPath);

    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('resets the connection before the work', async () => {
    always({ kind: 'reset' });

    await expect(fetch(`${registry.url}/v2/a/manifests/v1`, { method: 'DELETE' })).rejects.toThrow();

    expect(registry.repositories()['a']?.tags).toHaveProperty('v1');
    expect(registry.requests[0]?.status).toBe(0);
  });

  it('loses the answer after the work is done', async () => {
    always({ kind: 'drop-response' });

    await expect(fetch(`${registry.url}/v2/a/manifests/v1`, { method: 'DELETE' })).rejects.toThrow();

    expect(registry.repositories()['a']?.tags).toEqual({});
  });

  it('loses the answer to an upload that landed', async () => {
    registry.setFault(({ method }) => (method === 'POST' ? { kind: 'drop-response' } : undefined));
    const content = Buffer.from('landed');

    await expect(upload(content)).rejects.toThrow();

    expect(registry.repositories()['a']?.blobs).toContain(digestOf(content));
  });

  it('truncates a body after exactly so many bytes', async () => {
    always({ kind: 'truncate-body', bytes: 300_000 });

    const { status, body, error } = await read(blobPath);

    expect([status, body.length, error]).toEqual([200, 300_000, 'ECONNRESET']);
    expect(body.equals(bytes.subarray(0, 300_000))).toBe(true);
  });

  it('truncates a manifest too', async () => {
    always({ kind: 'truncate-body', bytes: 10 });

    const { body, error } = await read('/v2/a/manifests/v1');

    expect([body.length, error]).toEqual([10, 'ECONNRESET']);
  });

  it('corrupts one byte of a body and nothing else', async () => {
    always({ kind: 'corrupt-body', atByte: 500_000 });

    const { body } = await read(blobPath);

    const wrong = [...body.keys()].filter((index) => body[index] !== bytes[index]);
    expect([body.length, wrong]).toEqual([SIZE, [500_000]]);
  });

  it('corrupts a manifest under its right digest header', async () => {
    always({ kind: 'corrupt-body', atByte: 0 });

    const { body } = await read('/v2/a/manifests/v1');

    expect(digestOf(body)).not.toBe(image.manifest.digest);
    expect(body.subarray(1).equals(image.manifest.bytes.subarray(1))).toBe(true);
  });

  it('stalls a body after so many bytes until the client gives up', async () => {
    always({ kind: 'stall-body', bytes: 1000 });

    const received = await new Promise<number>((resolve) => {
      const request = httpGet(registry.url + blobPath, { agent: false }, (incoming) => {
        let length = 0;
        incoming.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length >= 1000) setImmediate(() => setImmediate(() => request.destroy()));
        });
        incoming.once('close', () => resolve(length));
        incoming.once('error', () => undefined);
      });
      request.once('error', () => undefined);
    });

    expect(received).toBe(1000);
  });

  it('stalls a body for a while and goes on', async () => {
    always({ kind: 'stall-body', bytes: 1000, ms: 10 });

    const { body, error } = await read(blobPath);

    expect([body.equals(bytes), error]).toEqual([true, undefined]);
  });

  it('cuts an upload in the middle, of which nothing stays', async () => {
    registry.setFault(({ method }) => (method === 'PATCH' ? { kind: 'cut-upload', bytes: 560_000 } : undefined));
    const begun = await fetch(`${registry.url}/v2/a/blobs/uploads/`, { method: 'POST' });
    const location = new URL(begun.headers.get('location') ?? '', registry.url);

    await expect(fetch(location, { method: 'PATCH', body: new Uint8Array(bytes) })).rejects.toThrow();
    const cut = registry.requests.find(({ method }) => method === 'PATCH');
    registry.setFault(undefined);
    const status = await fetch(location);
    const retried = await fetch(location, { method: 'PATCH', body: 'x', headers: { 'content-range': '0-0' } });

    expect([cut?.status, (cut?.bytesIn ?? 0) >= 560_000]).toEqual([0, true]);
    expect([status.status, status.headers.get('range')]).toEqual([204, '0-0']);
    const end = new URL(retried.headers.get('location') ?? '', registry.url);
    end.searchParams.set('digest', digestOf('x'));
    const finished = await fetch(end, { method: 'PUT' });
    expect([retried.status, retried.headers.get('range'), finished.status]).toEqual([202, '0-0', 201]);
    expect((await registry.content(digestOf('x'))).toString()).toBe('x');
  });

  it('throttles bodies in both directions without changing them', async () => {
    always({ kind: 'throttle', bytesPerSecond: 40_000_000 });
    const content = pseudoRandomBytes('throttled', 100_000);

    const pulled = await read(blobPath);
    const pushed = await upload(content);

    expect([pulled.body.equals(bytes), pushed.status]).toEqual([true, 201]);
    expect((await registry.content(digestOf(content))).equals(content)).toBe(true);
  });

  it('leaves a header out', async () => {
    always({ kind: 'omit-header', name: 'Docker-Content-Digest' });

    const response = await fetch(`${registry.url}/v2/a/manifests/v1`, { method: 'HEAD' });

    expect([response.status, response.headers.has('docker-content-digest')]).toEqual([200, false]);
  });

  it('delays', async () => {
    always({ kind: 'delay', ms: 5 });

    expect((await fetch(`${registry.url}/v2/`)).status).toBe(200);
  });
});

describe('a fault hook', () => {
  it('sees what the request is about, and may take its time', async () => {
    const seen: RegistryRequest[] = [];
    registry.setFault(async (request) => {
      await Promise.resolve();
      seen.push(request);
      return undefined;
    });

    await fetch(`${registry.url}/v2/a/manifests/v1?x=1`, { headers: { authorization: 'Bearer t', 'x-own': 'y' } });

    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      sequence: 1,
      method: 'GET',
      path: '/v2/a/manifests/v1?x=1',
      authorization: 'bearer',
      headers: { 'x-own': 'y' },
      route: { kind: 'manifest', repository: 'a', reference: 'v1' },
    });
    expect(seen[0]?.query.get('x')).toBe('1');
  });

  it('ends when it is taken away', async () => {
    always({ kind: 'status', status: 500 });
    registry.setFault(undefined);

    expect((await fetch(`${registry.url}/v2/`)).status).toBe(200);
  });
});
