// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { digestOf } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { clientWorld, reply, type StubServer, stubServer } from './client-world.testing.ts';
import { putBlob } from './put-blob.ts';

const SESSION = '/v2/app/blobs/uploads/1';
const bytesOf = (name: string): Buffer => Buffer.from(`the blob ${name}`);

/** A registry that keeps what it takes; `post` answers a blob that comes with the start of its upload. */
async function registry(
  post: 'takes' | 'starts' | 'pretends' | 'forbids reading' | 'resets' | 400 | 403 | 404 | 405 | 429 | 500,
): Promise<StubServer & { readonly held: Set<string> }> {
  const held = new Set<string>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    const digest = new URL(url, 'http://host').searchParams.get('digest');
    const body = await bodyOf(request);
    if (method === 'HEAD')
      return reply(response, post === 'forbids reading' ? 403 : held.has(url.slice(-71)) ? 200 : 404);
    if (method === 'PUT' && digestOf(body) === digest) held.add(digest);
    if (method === 'PUT') return reply(response, 201);
    if (digest === null || post === 'starts') return reply(response, 202, '', { location: SESSION });
    if (post === 'resets') return void request.socket.destroy();
    if (typeof post === 'number') return reply(response, post);
    if (post !== 'pretends' && digestOf(body) === digest) held.add(digest);
    return reply(response, 201);
  };
  const server = await stubServer((request, response) => void answer(request, response));
  return Object.assign(server, { held });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

const short = ({ requests }: StubServer): string[] =>
  requests.map((line) =>
    line
      .replace(/ .*uploads\/(1)?/, ' $1')
      .replace(/digest=.*/, 'digest')
      .replace(/ .*sha256.*/, ''),
  );

async function put(server: StubServer, names: readonly string[], world = clientWorld()): Promise<void> {
  const repository = { host: server.host, path: 'app' };
  for (const name of names) await putBlob(world.client, { repository, bytes: bytesOf(name) }, { isMissing: true });
}

describe('a blob that is sent with the start of its upload', () => {
  it('is all that it costs at a host that takes it, after it was shown once', async () => {
    await using server = await registry('takes');
    await using world = clientWorld();

    await put(server, ['a', 'b', 'c'], world);

    expect(short(server)).toEqual(['POST ?digest', 'HEAD', 'POST ?digest', 'POST ?digest']);
    expect(server.held.size).toBe(3);
  });

  it.each([
    ['starts an upload instead', 'starts', ['POST ?digest', 'PUT 1?digest']],
    ['says so and does not have it', 'pretends', ['POST ?digest', 'HEAD', 'POST ', 'PUT 1?digest']],
    ['does not show it', 'forbids reading', ['POST ?digest', 'HEAD', 'POST ', 'PUT 1?digest']],
    ['answers 400', 400, ['POST ?digest', 'POST ', 'PUT 1?digest']],
    ['answers 404', 404, ['POST ?digest', 'POST ', 'PUT 1?digest']],
    ['answers 405', 405, ['POST ?digest', 'POST ', 'PUT 1?digest']],
    ['answers 403', 403, ['POST ?digest', 'POST ', 'PUT 1?digest']],
    ['answers 500', 500, ['POST ?digest', 'POST ', 'PUT 1?digest']],
    ['resets the connection', 'resets', ['POST ?digest', 'POST ', 'PUT 1?digest']],
  ] as const)('is tried once at a host that %s', async (_, post, first) => {
    await using server = await registry(post);
    await using world = clientWorld();

    await put(server, ['a', 'b'], world);

    expect(short(server)).toEqual([...first, 'POST ', 'PUT 1?digest']);
    expect([...server.held]).toEqual(expect.arrayContaining(['a', 'b'].map((name) => digestOf(bytesOf(name)))));
  });

  it('is tried by one, while others wait for what the host makes of it', async () => {
    await using server = await registry('starts');
    await using world = clientWorld();

    await Promise.all(['a', 'b', 'c', 'd'].map((name) => put(server, [name], world)));

    expect(short(server).filter((line) => line === 'POST ?digest')).toHaveLength(1);
    expect(server.held.size).toBe(4);
  });

  it('is tried again at a host that was only busy', async () => {
    await using server = await registry(429);
    await using world = clientWorld();

    await put(server, ['a', 'b'], world);

    const each = ['POST ?digest', 'POST ', 'PUT 1?digest'];
    expect(short(server)).toEqual([...each, ...each]);
  });

  it('is not tried with more than a host may be made to drop', async () => {
    await using server = await registry('takes');
    await using world = clientWorld();
    const repository = { host: server.host, path: 'app' };

    await putBlob(world.client, { repository, bytes: Buffer.alloc(65_537) }, { isMissing: true });

    expect(short(server)).toEqual(['POST ', 'PUT 1?digest']);
  });
});
