// SPDX-License-Identifier: Apache-2.0
import { type Limiter, makeGrant } from '@promograph/limiter';
import { digestOf, parseManifestDocument } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { clientWorld, reply, stubServer, type StubServer } from './client-world.testing.ts';
import { parseRetryAfter } from './retry-after.ts';

const MANIFEST = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [],
  }),
);
const DOCUMENT = parseManifestDocument(MANIFEST, 'application/vnd.oci.image.index.v1+json');
const REFERRER = parseManifestDocument(
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: DOCUMENT.mediaType,
      manifests: [],
      subject: { mediaType: DOCUMENT.mediaType, digest: DOCUMENT.digest, size: MANIFEST.length },
    }),
  ),
  DOCUMENT.mediaType,
);
const TYPE = { 'content-type': 'application/vnd.oci.image.index.v1+json' };

/** Fails with `status` until the try number `until`, then answers 404, which is an answer. */
function flaky(status: number, until: number, headers: Readonly<Record<string, string>> = {}): Promise<StubServer> {
  let tries = 0;
  return stubServer((_request, response) => {
    tries += 1;
    reply(response, tries < until ? status : 404, '', headers);
  });
}

describe('retries', () => {
  it.each([408, 429, 500, 502, 503, 504, 599])('a %i is tried again', async (status) => {
    await using server = await flaky(status, 3);
    await using world = clientWorld();

    expect(await world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).toBeNull();
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    [400, 'REGISTRY_REFUSED'],
    [401, 'REGISTRY_UNAUTHORIZED'],
    [403, 'REGISTRY_FORBIDDEN'],
    [405, 'REGISTRY_REFUSED'],
    [413, 'REGISTRY_QUOTA'],
    [501, 'REGISTRY_REFUSED'],
    [507, 'REGISTRY_QUOTA'],
  ])('a %i is final: %s', async (status, code) => {
    await using server = await flaky(status, 99);
    await using world = clientWorld();

    await expect(world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).rejects.toMatchObject({
      code,
      status,
      retryable: false,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('end after eight tries with the last error', async () => {
    await using server = await flaky(500, 99);
    await using world = clientWorld();

    await expect(world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      retryable: true,
    });
    expect(server.requests).toHaveLength(8);
  });

  it('end when the time of the operation is over', async () => {
    let now = 0;
    await using server = await flaky(500, 99);
    await using world = clientWorld({
      clock: { now: () => now, epochMs: () => 0 },
      random: () => 1,
      sleep: async () => void (now += 400_000),
    });

    await expect(world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).rejects.toThrow();
    expect(server.requests).toHaveLength(4);
  });

  it('wait with full jitter, at most twice as long each time and never more than thirty seconds', async () => {
    await using server = await flaky(500, 99);
    await using world = clientWorld({ random: () => 1, retry: { attempts: 12 } });

    await expect(world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).rejects.toThrow();

    expect(world.sleeps).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  });

  it('wait at least as long as the host asks', async () => {
    await using server = await flaky(429, 2, { 'retry-after': '2' });
    await using world = clientWorld({ limiter: limiterThatNeverWaits() });

    await world.client.headManifest({ host: server.host, path: 'app' }, 'v1');

    expect(world.sleeps).toEqual([2000]);
    expect(world.events).toContainEqual({
      type: 'retry',
      host: server.host,
      reason: 'REGISTRY_RATE_LIMITED 429',
      delayMs: 2000,
    });
  });

  it('stop when the call is cancelled', async () => {
    await using server = await flaky(500, 99);
    const stop = new AbortController();
    await using world = clientWorld({
      sleep: async (_ms, signal) => {
        stop.abort(new Error('stopped'));
        signal?.throwIfAborted();
      },
    });

    await expect(
      world.client.headManifest({ host: server.host, path: 'app' }, 'v1', { signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'REGISTRY_CANCELLED' });
    expect(server.requests).toHaveLength(1);
  });

  it('cover connections that are reset', async () => {
    let tries = 0;
    await using server = await stubServer((request, response) => {
      tries += 1;
      if (tries < 3) request.socket.destroy();
      else reply(response, 404);
    });
    await using world = clientWorld();

    expect(await world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).toBeNull();
  });

  it('cover hosts that do not answer in time', async () => {
    let tries = 0;
    await using server = await stubServer((_request, response) => {
      tries += 1;
      if (tries > 1) reply(response, 404);
    });
    await using world = clientWorld({ timeouts: { headersMs: 100 } });

    expect(await world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).toBeNull();
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'retry', reason: 'REGISTRY_TIMEOUT' }));
  });

  it('cover bodies that are cut off or stall', async () => {
    let tries = 0;
    await using server = await stubServer((request, response) => {
      tries += 1;
      response.writeHead(200, { ...TYPE, 'content-length': String(MANIFEST.length) });
      response.write(tries < 3 ? MANIFEST.subarray(0, 10) : MANIFEST);
      if (tries === 1) setImmediate(() => request.socket.destroy());
      if (tries > 2) response.end();
    });
    await using world = clientWorld({ timeouts: { bodyIdleMs: 100 } });

    expect((await world.client.getManifest({ host: server.host, path: 'app' }, 'v1'))?.digest).toBe(DOCUMENT.digest);
    expect(tries).toBe(3);
  });

  it('ask three times for bytes that are not what was named', async () => {
    await using server = await stubServer((_request, response) => reply(response, 200, MANIFEST, TYPE));
    await using world = clientWorld();

    await expect(
      world.client.getManifest({ host: server.host, path: 'app' }, digestOf('something else')),
    ).rejects.toMatchObject({ code: 'REGISTRY_DIGEST_MISMATCH' });
    expect(server.requests).toHaveLength(3);
  });

  it('give a host that never answered only one try after the first operation', async () => {
    await using world = clientWorld();
    const repository = { host: '127.0.0.1:1', path: 'app' };

    await expect(world.client.headManifest(repository, 'v1')).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    expect(world.sleeps).toHaveLength(7);
    await expect(world.client.headManifest(repository, 'v2')).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    expect(world.sleeps).toHaveLength(7);
  });

  it('tell the limiter of the host, for every process', async () => {
    const reports: unknown[] = [];
    await using server = await flaky(503, 2, { 'retry-after': '0.25' });
    await using world = clientWorld({
      limiter: { ...limiterThatNeverWaits(), report: (key, outcome) => void reports.push([key.host, outcome]) },
    });

    await world.client.headManifest({ host: server.host, path: 'app' }, 'v1');

    expect(reports).toEqual([
      [server.host, { status: 503, retryAfterMs: 250 }],
      [server.host, { status: 404 }],
    ]);
  });
});

describe('putManifest', () => {
  /** Loses the answer of the first PUT, after which `head` is what a HEAD shows. */
  function losing(head: string | null): Promise<StubServer> {
    let puts = 0;
    return stubServer((request, response) => {
      request.resume();
      if (request.method === 'HEAD') {
        reply(response, head === null ? 404 : 200, '', head === null ? {} : { ...TYPE, 'docker-content-digest': head });
      } else if ((puts += 1) === 1) request.socket.destroy();
      else reply(response, 201, '', { 'oci-subject': DOCUMENT.digest });
    });
  }
  const methods = (server: StubServer): string[] => server.requests.map((line) => line.slice(0, line.indexOf(' ')));

  it('is done when the lost answer was a success', async () => {
    await using server = await losing(DOCUMENT.digest);
    await using world = clientWorld();

    await world.client.putManifest({ host: server.host, path: 'app' }, 'v1', DOCUMENT);

    expect(methods(server)).toEqual(['PUT', 'HEAD']);
  });

  it('writes again when nothing is there', async () => {
    await using server = await losing(null);
    await using world = clientWorld();

    await world.client.putManifest({ host: server.host, path: 'app' }, 'v1', DOCUMENT);

    expect(methods(server)).toEqual(['PUT', 'HEAD', 'PUT']);
  });

  it('does not write over what another put under the tag meanwhile', async () => {
    await using server = await losing(digestOf('of another'));
    await using world = clientWorld();

    await expect(world.client.putManifest({ host: server.host, path: 'app' }, 'v1', DOCUMENT)).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
    });
    expect(methods(server)).toEqual(['PUT', 'HEAD']);
  });

  it('puts a referrer by its digest again, because only the answer tells whether it is listed', async () => {
    await using server = await losing(REFERRER.digest);
    await using world = clientWorld();

    const put = await world.client.putManifest({ host: server.host, path: 'app' }, REFERRER.digest, REFERRER);

    expect(methods(server)).toEqual(['PUT', 'PUT']);
    expect(put).toEqual({ subject: DOCUMENT.digest });
  });

  it('writes again at once after a 429, which changed nothing', async () => {
    let puts = 0;
    await using server = await stubServer((request, response) => {
      request.resume();
      reply(response, (puts += 1) === 1 ? 429 : 201, '', { 'retry-after': '0' });
    });
    await using world = clientWorld();

    await world.client.putManifest({ host: server.host, path: 'app' }, 'v1', DOCUMENT);

    expect(methods(server)).toEqual(['PUT', 'PUT']);
  });

  it('notices a registry that stored other bytes', async () => {
    await using server = await stubServer((request, response) => {
      request.resume();
      reply(response, 201, '', { 'docker-content-digest': digestOf('other bytes') });
    });
    await using world = clientWorld();

    await expect(world.client.putManifest({ host: server.host, path: 'app' }, 'v1', DOCUMENT)).rejects.toMatchObject({
      code: 'REGISTRY_DIGEST_MISMATCH',
    });
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('Sat, 21 Nov 2026 12:00:00 GMT');

  it.each<[string, string | undefined, string, number | undefined]>([
    ['whole seconds', '3', '', 3000],
    ['a fraction', '0.5', '', 500],
    ['nothing to wait', '0', '', 0],
    ['a date', 'Sat, 21 Nov 2026 12:00:07 GMT', '', 7000],
    ['a date that is over', 'Sat, 21 Nov 2026 11:00:00 GMT', '', 0],
    ['more than five minutes', '86400', '', 300_000],
    ['microseconds in the body', undefined, 'retry-after: 880.092µs, allowed: 44000/minute', 0.880092],
    ['microseconds written u', undefined, 'Retry-After: 880.092us', 0.880092],
    ['a long duration in the body', undefined, 'retry-after: 1m30.5s, allowed', 90_500],
    ['a header that is better than the body', '2', 'retry-after: 1h', 2000],
    ['no header', undefined, '', undefined],
    ['nonsense', 'soon', 'try again', undefined],
    ['a negative number', '-5', '', undefined],
  ])('reads %s', (_name, header, ...[body, expected]) => {
    const ms = parseRetryAfter(header, body, now);

    if (expected === undefined) expect(ms).toBeUndefined();
    else expect(ms).toBeCloseTo(expected, 6);
  });
});

function limiterThatNeverWaits(): Limiter {
  return {
    acquire: async (key) => makeGrant(key, 0),
    report: () => undefined,
  };
}
