// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { clientWorld, passwordSource, reply, stubServer } from './client-world.testing.ts';

describe('connections', () => {
  it('are kept over HEAD requests, and no more than the profile allows', async () => {
    await using server = await stubServer((_request, response) => reply(response, 404));
    await using world = clientWorld({ profile: { concurrency: 8 } });
    const repository = { host: server.host, path: 'app' };

    await Promise.all(Array.from({ length: 200 }, (_, n) => world.client.headManifest(repository, `v${n}`)));
    await Promise.all(Array.from({ length: 200 }, (_, n) => world.client.headManifest(repository, `w${n}`)));

    expect(server.requests).toHaveLength(400);
    expect(server.connections).toBeLessThanOrEqual(8);
  });

  it('carry no more requests at once than the profile allows, the urgent first', async () => {
    let [open, most] = [0, 0];
    const order: string[] = [];
    await using server = await stubServer((request, response) => {
      most = Math.max(most, (open += 1));
      order.push(request.url?.split('/').at(-1) ?? '');
      setTimeout(() => {
        open -= 1;
        reply(response, 404);
      }, 5);
    });
    await using world = clientWorld({ profile: { concurrency: 2 } });
    const repository = { host: server.host, path: 'app' };

    await Promise.all([
      ...Array.from({ length: 8 }, (_, n) => world.client.headManifest(repository, `scan${n}`)),
      world.client.headManifest(repository, 'commit', { priority: 'commit' }),
    ]);

    expect(most).toBe(2);
    expect(order.indexOf('commit')).toBe(2);
  });

  it('refuse an answer in an encoding that was not asked for', async () => {
    await using server = await stubServer((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      reply(response, 200, 'xx', { 'content-encoding': 'gzip' });
    });
    await using world = clientWorld();

    await expect(world.client.getManifest({ host: server.host, path: 'app' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_PROTOCOL',
    });
  });

  it('refuse headers without end', async () => {
    await using server = await stubServer((_request, response) => {
      response
        .writeHead(200, Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x-${n}`, 'y'.repeat(1000)])))
        .end();
    });
    await using world = clientWorld();

    await expect(world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_PROTOCOL',
    });
  });

  it('of a host that was not written down as plain speak TLS', async () => {
    await using server = await stubServer((_request, response) => reply(response, 404));
    await using world = clientWorld({ profile: { plainHttp: false } });

    await expect(world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });
    expect(server.requests).toEqual([]);
  });
});

/** A forward proxy that leads every host name to `port` on this machine, and notes what it was asked. */
async function proxyTo(port: number): Promise<{ server: Server; url: string; asked: string[] } & AsyncDisposable> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    reply(response, 404);
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('environment proxies', () => {
  it('carry plain requests of hosts that are not on this machine', async () => {
    await using proxy = await proxyTo(0);
    await using world = clientWorld({ proxies: { httpProxy: proxy.url }, profile: { plainHttp: true } });

    expect(await world.client.headManifest({ host: 'registry.example', path: 'app' }, 'v1')).toBeNull();

    expect(proxy.asked).toEqual(['HEAD http://registry.example/v2/app/manifests/v1']);
  });

  it('open tunnels for hosts with TLS', async () => {
    await using server = await stubServer((_request, response) => reply(response, 404));
    await using proxy = await proxyTo(Number(server.host.split(':')[1]));
    await using world = clientWorld({ proxies: { httpsProxy: proxy.url }, retry: { attempts: 1 } });

    // Behind the tunnel is a server without TLS: that it is reached at all is the proof.
    await expect(world.client.headManifest({ host: 'registry.example', path: 'app' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });

    expect(proxy.asked).toEqual(['CONNECT registry.example:443']);
  });

  it('get their own password, and show it nobody', async () => {
    await using proxy = await proxyTo(0);
    const withPassword = proxy.url.replace('http://', 'http://user:proxy-secret@');
    await using world = clientWorld({
      proxies: { httpProxy: withPassword },
      profile: { plainHttp: true },
      credentials: passwordSource('robot', 'password'),
    });

    await world.client.headManifest({ host: 'registry.example', path: 'app' }, 'v1');

    expect(proxy.asked[0]).toContain(Buffer.from('user:proxy-secret').toString('base64'));
    expect(JSON.stringify(world.events)).not.toContain('proxy-secret');
  });

  it.each([
    ['this machine', '127.0.0.1', {}],
    ['hosts of NO_PROXY', '0.0.0.0', { noProxy: 'example.com,0.0.0.0' }],
  ])('are not used for %s', async (_name, address, more) => {
    await using server = await stubServer((_request, response) => reply(response, 404));
    await using proxy = await proxyTo(0);
    await using world = clientWorld({ proxies: { httpProxy: proxy.url, ...more }, profile: { plainHttp: true } });
    const host = server.host.replace('127.0.0.1', address);

    expect(await world.client.headManifest({ host, path: 'app' }, 'v1')).toBeNull();
    expect(server.requests).toHaveLength(1);
    expect(proxy.asked).toEqual([]);
  });

  it('are not taken for https from HTTP_PROXY', async () => {
    await using proxy = await proxyTo(0);
    await using world = clientWorld({ proxies: { httpProxy: proxy.url }, retry: { attempts: 1 } });

    await expect(world.client.headManifest({ host: '0.0.0.0:1', path: 'app' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });
    expect(proxy.asked).toEqual([]);
  });
});
