// SPDX-License-Identifier: Apache-2.0
import { type RunningRegistry, startRegistry } from '@promograph/devstack';
import { afterEach, describe, expect, it } from 'vitest';
import { clientWorld, passwordSource, reply, stubServer } from './client-world.testing.ts';
import type { Lookup } from './realm-policy.ts';
import { selfSigned } from './self-signed.testing.ts';

const PAIR = selfSigned(['127.0.0.1', 'registry.example.com']);
/** Every name is this machine. */
const HERE: Lookup = (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
const running: RunningRegistry[] = [];

afterEach(async () => {
  for (const registry of running.splice(0)) await registry.close();
});

async function tlsRegistry(realm?: string): Promise<RunningRegistry> {
  const users = [{ username: 'robot', password: 'password' }];
  const auth = realm === undefined ? {} : { auth: { mode: 'bearer' as const, users, realm } };
  const registry = await startRegistry({ tls: PAIR, ...auth });
  running.push(registry);
  return registry;
}

describe('TLS', () => {
  it('trusts the certificate authority of the profile, and keeps its connections over HEAD requests', async () => {
    const registry = await tlsRegistry();
    await using world = clientWorld({ profile: { plainHttp: false, ca: PAIR.cert, concurrency: 4 } });

    await Promise.all(
      Array.from({ length: 100 }, () => world.client.headManifest({ host: registry.host, path: 'app' }, 'v1')),
    );

    expect(registry.counts).toMatchObject({ total: 100 });
    expect(registry.counts.connections).toBeLessThanOrEqual(4);
  });

  it('trusts nobody else, does not try again, and says what to set', async () => {
    const registry = await tlsRegistry();
    await using world = clientWorld({ profile: { plainHttp: false } });

    await expect(world.client.headManifest({ host: registry.host, path: 'app' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      hint: expect.stringContaining('Set ca') as string,
    });
    expect(world.sleeps).toEqual([]);
    expect(registry.counts.total).toBe(0);
  });

  it('is told apart from a host that has none', async () => {
    await using server = await stubServer((_request, response) => reply(response, 404));
    await using world = clientWorld({ profile: { plainHttp: false } });

    await expect(world.client.headManifest({ host: server.host, path: 'app' }, 'v1')).rejects.toMatchObject({
      hint: expect.stringContaining('plainHttp') as string,
    });
    expect(world.sleeps).toEqual([]);
  });

  it('is not left by a redirect', async () => {
    await using plain = await stubServer((_request, response) => reply(response, 404));
    const registry = await tlsRegistry();
    registry.setFault(() => ({ kind: 'status', status: 307, headers: { location: plain.url } }));
    await using world = clientWorld({ profile: { plainHttp: false, ca: PAIR.cert } });

    await expect(world.client.headManifest({ host: registry.host, path: 'app' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_UNSAFE_REDIRECT',
    });
    expect(plain.requests).toEqual([]);
  });
});

describe('a token service that only the challenge names', () => {
  const options = { resolve: HERE, credentials: passwordSource('robot', 'password') };

  it('is refused when its public name has an address of this machine', async () => {
    const registry = await tlsRegistry('https://auth.example.com/token');
    await using world = clientWorld({ ...options, profile: { plainHttp: false, ca: PAIR.cert } });
    const host = `registry.example.com:${registry.port}`;

    await expect(world.client.headManifest({ host, path: 'app' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_UNSAFE_REALM',
    });
    expect(registry.requests.map(({ path }) => path)).toEqual(['/v2/app/manifests/v1']);
  });

  it('may be anywhere when it is the registry itself', async () => {
    const registry = await tlsRegistry();
    await registry.close();
    running.length = 0;
    const users = [{ username: 'robot', password: 'password' }];
    const own = await startRegistry({ tls: PAIR, publicHost: 'registry.example.com', auth: { mode: 'bearer', users } });
    running.push(own);
    await using world = clientWorld({ ...options, profile: { plainHttp: false, ca: PAIR.cert } });

    expect(await world.client.headManifest({ host: own.host, path: 'app' }, 'v1')).toBeNull();
  });
});
