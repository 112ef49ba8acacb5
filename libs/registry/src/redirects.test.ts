// SPDX-License-Identifier: Apache-2.0
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { type Descriptor, digestOf } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { clientWorld, passwordSource, reply, type StubServer, stubServer } from './client-world.testing.ts';
import { safeLocation } from './redirect-policy.ts';

const BYTES = Buffer.from('a blob from far away');
const BLOB: Descriptor = {
  mediaType: 'application/octet-stream',
  digest: digestOf(BYTES),
  sizeBytes: BYTES.length,
  artifactType: null,
  platform: null,
  annotations: {},
  isForeign: false,
};
const CREDENTIALS = passwordSource('robot', 'canary-password');

/** A registry with Basic authentication that does `then` for whoever has logged in. */
function lockedRegistry(then: Parameters<typeof stubServer>[0]): Promise<StubServer> {
  return stubServer((request, response) => {
    if (request.headers.authorization === undefined)
      reply(response, 401, '', { 'www-authenticate': 'Basic realm="r"' });
    else then(request, response);
  });
}

describe('redirects', () => {
  it('lead to another host without the credentials, and with the bytes', async () => {
    await using storage = await stubServer((_request, response) => reply(response, 200, BYTES));
    await using registry = await lockedRegistry((_request, response) =>
      reply(response, 307, '', { location: `${storage.url}/bucket/blob?X-Goog-Signature=s` }),
    );
    await using world = clientWorld({ credentials: CREDENTIALS });

    const { body } = await world.client.openBlob({ host: registry.host, path: 'app' }, BLOB);

    expect(await buffer(body)).toEqual(BYTES);
    expect(storage.authorizations).toEqual([undefined]);
    expect(registry.authorizations.filter((value) => value !== undefined)).toHaveLength(1);
  });

  it('within the host keep the credentials', async () => {
    await using registry = await lockedRegistry((request, response) => {
      if (request.url === '/moved') reply(response, 200, BYTES);
      else reply(response, 302, '', { location: '/moved' });
    });
    await using world = clientWorld({ credentials: CREDENTIALS });

    const { body } = await world.client.openBlob({ host: registry.host, path: 'app' }, BLOB);

    expect(await buffer(body)).toEqual(BYTES);
    expect(registry.authorizations.at(-1)).toMatch(/^Basic /);
  });

  it('do not bring the credentials to a host that asks for them', async () => {
    await using thief = await stubServer((_request, response) =>
      reply(response, 401, '', { 'www-authenticate': 'Basic realm="give me"' }),
    );
    await using registry = await lockedRegistry((_request, response) =>
      reply(response, 307, '', { location: thief.url }),
    );
    await using world = clientWorld({ credentials: CREDENTIALS });

    await expect(world.client.openBlob({ host: registry.host, path: 'app' }, BLOB)).rejects.toMatchObject({
      status: 401,
    });
    expect(thief.authorizations).toEqual([undefined]);
  });

  it('in a circle end after five', async () => {
    await using registry = await stubServer((request, response) =>
      reply(response, 307, '', { location: `/again?${request.url?.length}` }),
    );
    await using world = clientWorld();

    await expect(world.client.openBlob({ host: registry.host, path: 'app' }, BLOB)).rejects.toMatchObject({
      code: 'REGISTRY_PROTOCOL',
    });
    expect(registry.requests).toHaveLength(6);
  });

  it('take a grant of the host that they lead to', async () => {
    await using storage = await stubServer((_request, response) => reply(response, 200, BYTES));
    await using registry = await stubServer((_request, response) =>
      reply(response, 307, '', { location: storage.url }),
    );
    await using world = clientWorld();

    (await world.client.openBlob({ host: registry.host, path: 'app' }, BLOB)).body.resume();

    expect(world.events.map((event) => event.type === 'request' && event.host)).toEqual([registry.host, storage.host]);
  });

  it.each([
    ['a manifest', 'getManifest'],
    ['a tag list', 'listTags'],
  ] as const)('of %s are followed', async (_name, method) => {
    await using registry = await stubServer((request, response) => {
      if (request.url?.startsWith('/elsewhere')) reply(response, 404);
      else reply(response, 307, '', { location: '/elsewhere' });
    });
    await using world = clientWorld();

    expect(await world.client[method]({ host: registry.host, path: 'app' }, 'v1')).toBeNull();
  });
});

describe('upload locations', () => {
  const upload = async (world: ReturnType<typeof clientWorld>, host: string): Promise<void> => {
    const start = await world.client.startUpload({ host, path: 'app' });
    if (start.kind === 'started') await world.client.finishUpload(start.session, BLOB, Readable.from([BYTES]));
  };

  it('on another host get the bytes without the credentials, and keep their query', async () => {
    await using storage = await stubServer((request, response) => {
      request.resume().on('end', () => reply(response, 201));
    });
    await using registry = await lockedRegistry((_request, response) =>
      reply(response, 202, '', { location: `${storage.url}/up?_state=a%2Fb%3D%3D` }),
    );
    await using world = clientWorld({ credentials: CREDENTIALS });

    await upload(world, registry.host);

    expect(storage.requests).toEqual([`PUT /up?_state=a%2Fb%3D%3D&digest=${encodeURIComponent(BLOB.digest)}`]);
    expect(storage.authorizations).toEqual([undefined]);
  });

  it('may be relative', async () => {
    await using registry = await lockedRegistry((request, response) => {
      if (request.method === 'POST') reply(response, 202, '', { location: '/v2/app/blobs/uploads/1' });
      else request.resume().on('end', () => reply(response, 201));
    });
    await using world = clientWorld({ credentials: CREDENTIALS });

    await upload(world, registry.host);

    expect(registry.requests.at(-1)).toBe(`PUT /v2/app/blobs/uploads/1?digest=${encodeURIComponent(BLOB.digest)}`);
    expect(registry.authorizations.at(-1)).toMatch(/^Basic /);
  });

  it('are needed', async () => {
    await using registry = await stubServer((_request, response) => reply(response, 202));
    await using world = clientWorld();

    await expect(upload(world, registry.host)).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
  });
});

describe('safeLocation', () => {
  const from = new URL('https://registry.example.com/v2/app/blobs/x');

  it.each([
    ['another public host', 'https://storage.example.net/b?sig=1'],
    ['a relative path', '/v2/other'],
    ['the registry on another port', 'https://registry.example.com:8443/'],
  ])('takes %s', (_name, location) => {
    expect(safeLocation(location, from, 'registry.example.com').protocol).toBe('https:');
  });

  it.each([
    ['plain HTTP', 'http://storage.example.net/b'],
    ['plain HTTP of the registry itself', 'http://registry.example.com/b'],
    ['another scheme', 'ftp://storage.example.net/b'],
    ['user information', 'https://a:b@storage.example.net/'],
    ['the metadata service', 'https://169.254.169.254/latest'],
    ['this machine', 'https://localhost:8443/'],
    ['this machine by address', 'https://[::1]/'],
    ['a private address', 'https://192.168.0.1/'],
  ])('refuses %s', (_name, location) => {
    expect(() => safeLocation(location, from, 'registry.example.com')).toThrow(
      expect.objectContaining({ code: 'REGISTRY_UNSAFE_REDIRECT' }),
    );
  });

  it('lets a registry on this machine point to this machine, and not into the private network', () => {
    const local = new URL('http://127.0.0.1:5000/v2/');

    expect(safeLocation('http://localhost:9000/b', local, '127.0.0.1').port).toBe('9000');
    expect(() => safeLocation('http://10.0.0.1/b', local, '127.0.0.1')).toThrow();
  });
});
