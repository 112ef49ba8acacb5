// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { type Descriptor, digestOf } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { blobOf, clientWorld, passwordSource, reply, type StubServer, stubServer } from './client-world.testing.ts';

const MIB = 1024 * 1024;

/** A registry that starts every upload, and does `put` with its PUT. */
function uploadServer(put: Parameters<typeof stubServer>[0]): Promise<StubServer> {
  return stubServer((request, response) => {
    if (request.method === 'POST') reply(response, 202, '', { location: '/v2/app/blobs/uploads/1' });
    else put(request, response);
  });
}

const BIG = blobOf(Buffer.alloc(64 * MIB));

/** 64 MiB that are made only as fast as they are taken. */
function bigBody(): Readable {
  let left = 64;
  return new Readable({
    read() {
      this.push(left-- > 0 ? Buffer.alloc(MIB) : null);
    },
  });
}

async function put(world: ReturnType<typeof clientWorld>, host: string, upload: [Descriptor, Readable]): Promise<void> {
  const start = await world.client.startUpload({ host, path: 'app' });
  if (start.kind === 'started') await world.client.finishUpload(start.session, ...upload);
}

describe('finishUpload', () => {
  it.each([
    [413, 'REGISTRY_QUOTA', false],
    [507, 'REGISTRY_QUOTA', false],
    [403, 'REGISTRY_FORBIDDEN', false],
    [429, 'REGISTRY_RATE_LIMITED', true],
    [500, 'REGISTRY_UNAVAILABLE', true],
  ] as const)('does not hang on a body that nobody takes after an early %i', async (status, code, retryable) => {
    await using server = await uploadServer((_request, response) => reply(response, status));
    await using world = clientWorld();
    const body = bigBody();

    await expect(put(world, server.host, [BIG, body])).rejects.toMatchObject({ code, retryable });

    expect(body.destroyed).toBe(true);
    expect(server.requests).toHaveLength(2);
  });

  it('does not hang on a registry that stops reading', async () => {
    const server = createTcpServer((socket) => void socket.on('error', () => undefined).pause());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const location = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/up`);
    await using world = clientWorld({ timeouts: { uploadAnswerMs: 200 } });
    const body = bigBody();

    const session = { repository: { host: location.host, path: 'app' }, location };
    await expect(world.client.finishUpload(session, BIG, body)).rejects.toMatchObject({
      code: 'REGISTRY_TIMEOUT',
      retryable: true,
    });

    expect(body.destroyed).toBe(true);
    server.close();
  });

  it('does not hang on a connection that is reset', async () => {
    await using server = await uploadServer((request) => request.socket.destroy());
    await using world = clientWorld();
    const body = bigBody();

    await expect(put(world, server.host, [BIG, body])).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      retryable: true,
    });
    expect(body.destroyed).toBe(true);
  });

  it('throws the error of the body itself as it is', async () => {
    await using server = await uploadServer((request) => void request.resume());
    await using world = clientWorld();
    const body = bigBody();
    const failure = put(world, server.host, [BIG, body]);
    setTimeout(() => body.destroy(new Error('the source is gone')), 20);

    await expect(failure).rejects.toThrow('the source is gone');
  });

  it('can be cancelled', async () => {
    await using server = await uploadServer((request) => void request.resume());
    await using world = clientWorld();
    const stop = new AbortController();
    const start = await world.client.startUpload({ host: server.host, path: 'app' });
    if (start.kind !== 'started') throw new Error('mounted');
    const body = bigBody();
    const failure = world.client.finishUpload(start.session, BIG, body, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stopped')), 20);

    await expect(failure).rejects.toMatchObject({ code: 'REGISTRY_CANCELLED' });
    expect(body.destroyed).toBe(true);
  });

  it('says that the registry hashed other bytes', async () => {
    await using server = await uploadServer((request, response) => {
      request.resume().on('end', () => reply(response, 400, { errors: [{ code: 'DIGEST_INVALID', message: 'no' }] }));
    });
    await using world = clientWorld();
    const bytes = Buffer.from('abc');

    await expect(put(world, server.host, [blobOf(bytes), Readable.from([bytes])])).rejects.toMatchObject({
      code: 'REGISTRY_DIGEST_MISMATCH',
    });
  });

  it('leaves a body that met an expired token to the caller, and sends the next with a new one', async () => {
    let generation = 0;
    await using server = await uploadServer((request, response) => {
      request.resume();
      const isGood = request.headers.authorization !== undefined && generation > 0;
      generation += 1;
      request.on('end', () =>
        reply(response, isGood ? 201 : 401, '', isGood ? {} : { 'www-authenticate': 'Basic realm="r"' }),
      );
    });
    await using world = clientWorld({ credentials: passwordSource('robot', 'password') });
    const bytes = Buffer.from('abc');

    await expect(put(world, server.host, [blobOf(bytes), Readable.from([bytes])])).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
    });
    await put(world, server.host, [blobOf(bytes), Readable.from([bytes])]);

    expect(server.authorizations.at(-1)).toMatch(/^Basic /);
  });
});

describe('startUpload with a mount', () => {
  const digest = digestOf('x');
  const mount = { digest, from: 'staging/app' };

  it.each([400, 401, 403, 404, 405, 500, 503])('starts a plain upload after a %i', async (status) => {
    await using server = await stubServer((request, response) => {
      if (request.url?.includes('mount=')) reply(response, status);
      else reply(response, 202, '', { location: '/up' });
    });
    await using world = clientWorld();

    expect((await world.client.startUpload({ host: server.host, path: 'app' }, { mount })).kind).toBe('started');
    expect(server.requests).toEqual([
      `POST /v2/app/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=staging%2Fapp`,
      'POST /v2/app/blobs/uploads/',
    ]);
  });

  it('uses the Location that comes instead of the mount', async () => {
    await using server = await stubServer((_request, response) => reply(response, 202, '', { location: '/up?here' }));
    await using world = clientWorld();

    const start = await world.client.startUpload({ host: server.host, path: 'app' }, { mount });

    expect(start).toMatchObject({ kind: 'started', session: { location: new URL(`${server.url}/up?here`) } });
    expect(server.requests).toHaveLength(1);
  });

  it('does not try where the profile says that it is no use', async () => {
    await using server = await stubServer((_request, response) => reply(response, 202, '', { location: '/up' }));
    await using world = clientWorld({ profile: { mount: false } });

    await world.client.startUpload({ host: server.host, path: 'app' }, { mount });

    expect(server.requests).toEqual(['POST /v2/app/blobs/uploads/']);
  });
});

describe('cancelUpload', () => {
  it('ignores every failure', async () => {
    await using server = await stubServer((_request, response) => reply(response, 500));
    await using world = clientWorld();

    await world.client.cancelUpload({
      repository: { host: server.host, path: 'app' },
      location: new URL(`${server.url}/up?x=1`),
    });

    expect(server.requests).toEqual(['DELETE /up?x=1']);
  });
});
