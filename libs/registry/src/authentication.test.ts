// SPDX-License-Identifier: Apache-2.0
import { type RegistryAuth, type RunningRegistry, startRegistry } from '@promograph/devstack';
import { Secret } from '@promograph/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { clientWorld, passwordSource, reply, stubServer } from './client-world.testing.ts';
import type { Credential, CredentialSource } from './credential.ts';

const PASSWORD = 'correct-horse-battery';
const USERS: RegistryAuth['users'] = [
  { username: 'robot', password: PASSWORD },
  { username: 'reader', password: 'reader-password', actions: ['pull'] },
];
const running: RunningRegistry[] = [];

afterEach(async () => {
  for (const registry of running.splice(0)) await registry.close();
});

async function registryWith(auth: Omit<RegistryAuth, 'users'>): Promise<RunningRegistry> {
  const registry = await startRegistry({ auth: { users: USERS, ...auth } });
  running.push(registry);
  return registry;
}

function sourceOf(credential: Credential): CredentialSource {
  return { find: async () => ({ credential, source: 'the test' }) };
}

describe.each(['basic', 'bearer'] as const)('a registry that wants %s', (mode) => {
  it('is read and written with the right password', async () => {
    const registry = await registryWith({ mode });
    const repository = { host: registry.host, path: 'team/app' };
    await using world = clientWorld({ credentials: passwordSource('robot', PASSWORD) });

    expect(await world.client.listTags(repository)).toBeNull();
    expect((await world.client.startUpload(repository)).kind).toBe('started');
    expect(world.events).toContainEqual({ type: 'credential', host: registry.host, source: 'the test' });
  });

  it('refuses a wrong password with one error that names the source, and no secret', async () => {
    const registry = await registryWith({ mode });
    await using world = clientWorld({ credentials: passwordSource('robot', 'wrong-password') });

    const failure = world.client.listTags({ host: registry.host, path: 'team/app' });

    await expect(failure).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHORIZED', retryable: false });
    await expect(failure).rejects.toThrow('the credentials from the test were refused');
    expect(JSON.stringify([world.events, await failure.catch(String)])).not.toContain('wrong-password');
    expect(world.sleeps).toEqual([]);
  });

  it('says that a login is wanted where there is none', async () => {
    const registry = await registryWith({ mode });
    await using world = clientWorld();

    await expect(world.client.listTags({ host: registry.host, path: 'a' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
    });
  });

  it('asks for the login once, not per request', async () => {
    const registry = await registryWith({ mode });
    const repository = { host: registry.host, path: 'team/app' };
    await using world = clientWorld({ credentials: passwordSource('robot', PASSWORD) });

    for (let n = 0; n < 10; n += 1) await world.client.headManifest(repository, 'v1');

    expect(registry.counts.byStatus['401']).toBe(1);
    expect(registry.counts.total).toBe(mode === 'basic' ? 11 : 12);
  });
});

describe('tokens', () => {
  it('are asked for once by many requests at the same time', async () => {
    const registry = await registryWith({ mode: 'bearer' });
    const repository = { host: registry.host, path: 'team/app' };
    await using world = clientWorld({ credentials: passwordSource('robot', PASSWORD) });

    await Promise.all(Array.from({ length: 20 }, () => world.client.headManifest(repository, 'v1')));

    expect(registry.requests.filter(({ path }) => path.startsWith('/token'))).toHaveLength(1);
  });

  it('are renewed when four fifths of their life are over, before they run out', async () => {
    let now = 0;
    const registry = await registryWith({ mode: 'bearer', tokenSeconds: 100 });
    const repository = { host: registry.host, path: 'team/app' };
    await using world = clientWorld({
      credentials: passwordSource('robot', PASSWORD),
      clock: { now: () => now, epochMs: () => 0 },
    });
    const tokens = (): number => registry.requests.filter(({ path }) => path.startsWith('/token')).length;

    await world.client.headManifest(repository, 'v1');
    now = 79_000;
    await world.client.headManifest(repository, 'v1');
    expect(tokens()).toBe(1);

    now = 81_000;
    await world.client.headManifest(repository, 'v1');
    expect(tokens()).toBe(2);
    expect(registry.counts.byStatus['401']).toBe(1);
  });

  it('that ran out in the middle of a run are renewed, and the request is sent again', async () => {
    let epoch = 0;
    const registry = await startRegistry({
      auth: { mode: 'bearer', users: USERS, tokenSeconds: 60 },
      now: () => epoch,
    });
    running.push(registry);
    const repository = { host: registry.host, path: 'team/app' };
    await using world = clientWorld({
      credentials: passwordSource('robot', PASSWORD),
      clock: { now: () => 0, epochMs: () => 0 },
    });
    await world.client.headManifest(repository, 'v1');

    epoch = 120_000;

    expect(await world.client.headManifest(repository, 'v1')).toBeNull();
    expect(registry.counts.byStatus['401']).toBe(2);
  });

  it('of a reader do not let it write, and the refusal is final', async () => {
    const registry = await registryWith({ mode: 'bearer' });
    await using world = clientWorld({ credentials: passwordSource('reader', 'reader-password') });

    const failure = world.client.startUpload({ host: registry.host, path: 'team/app' });

    await expect(failure).rejects.toMatchObject({ retryable: false });
    expect(['REGISTRY_UNAUTHORIZED', 'REGISTRY_FORBIDDEN']).toContain(
      await failure.catch((error: { code: string }) => error.code),
    );
  });
});

interface TokenDesk {
  readonly questions: URLSearchParams[];
  readonly methods: string[];
}

/** A registry that wants the token `good`, and a token service beside it that answers as told. */
async function tokenWorld(
  answer: (method: string, tries: number) => [number, unknown],
  scope = 'repository:team/app:pull',
) {
  const desk: TokenDesk = { questions: [], methods: [] };
  const server = await stubServer((request, response) => {
    const url = new URL(request.url ?? '', server.url);
    if (url.pathname === '/token') {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        desk.methods.push(request.method ?? '');
        desk.questions.push(request.method === 'POST' ? new URLSearchParams(body) : url.searchParams);
        reply(response, ...answer(request.method ?? '', desk.methods.length));
      });
    } else if (request.headers.authorization === 'Bearer good') {
      request.resume();
      if (request.method === 'POST') reply(response, 201);
      else reply(response, 404);
    } else {
      const challenge = `Bearer realm="${server.url}/token",service="svc",scope="${scope}"`;
      reply(
        response,
        401,
        { errors: [{ code: 'UNAUTHORIZED', message: `not ${request.headers.authorization}` }] },
        {
          'www-authenticate': challenge,
        },
      );
    }
  });
  return { server, desk, repository: { host: server.host, path: 'team/app' } };
}

describe('the token protocol', () => {
  it.each([
    ['token', { token: 'good' }],
    ['access_token', { access_token: 'good' }],
    ['both', { token: 'good', access_token: 'other' }],
  ])('takes the answer in %s', async (_name, answer) => {
    const { server, repository } = await tokenWorld(() => [200, answer]);
    await using _server = server;
    await using world = clientWorld();

    expect(await world.client.headManifest(repository, 'v1')).toBeNull();
  });

  it('asks for an anonymous token where there is no login, and says so', async () => {
    const { server, desk, repository } = await tokenWorld(() => [200, { token: 'good' }]);
    await using _server = server;
    await using world = clientWorld();

    await world.client.headManifest(repository, 'v1');

    expect(server.authorizations).toEqual([undefined, undefined, 'Bearer good']);
    expect(desk.methods).toEqual(['GET']);
    expect(world.events).toContainEqual({ type: 'credential', host: server.host, source: 'anonymous' });
  });

  it('asks for the destination first and the mounted source second', async () => {
    const { server, desk, repository } = await tokenWorld(() => [200, { token: 'good' }]);
    await using _server = server;
    await using world = clientWorld();
    const digest = `sha256:${'a'.repeat(64)}` as never;

    await world.client.startUpload(repository, { mount: { digest, from: 'staging/app' } });

    expect(desk.questions[0]?.getAll('scope')).toEqual([
      'repository:team/app:pull,push',
      'repository:staging/app:pull',
    ]);
    expect(desk.questions[0]?.get('service')).toBe('svc');
  });

  it('puts a scope that the host adds in front', async () => {
    const { server, desk, repository } = await tokenWorld(
      () => [200, { token: 'good' }],
      'repository:team/app:pull,delete',
    );
    await using _server = server;
    await using world = clientWorld();

    await world.client.headManifest(repository, 'v1');

    expect(desk.questions[0]?.getAll('scope')).toEqual(['repository:team/app:pull,delete', 'repository:team/app:pull']);
  });

  it('trades a refresh token by POST', async () => {
    const { server, desk, repository } = await tokenWorld(() => [200, { access_token: 'good' }]);
    await using _server = server;
    await using world = clientWorld({ credentials: sourceOf({ kind: 'identity', token: new Secret('refresh-me') }) });

    await world.client.headManifest(repository, 'v1');

    expect(desk.methods).toEqual(['POST']);
    expect(Object.fromEntries(desk.questions[0] ?? [])).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-me',
      scope: 'repository:team/app:pull',
      service: 'svc',
    });
  });

  it('falls back to GET where the service has no POST', async () => {
    const { server, desk, repository } = await tokenWorld((method) =>
      method === 'POST' ? [404, ''] : [200, { token: 'good' }],
    );
    await using _server = server;
    await using world = clientWorld({ credentials: sourceOf({ kind: 'identity', token: new Secret('refresh-me') }) });

    await world.client.headManifest(repository, 'v1');

    expect(desk.methods).toEqual(['POST', 'GET']);
  });

  it('sends a finished bearer token as it is', async () => {
    const { server, desk, repository } = await tokenWorld(() => [500, '']);
    await using _server = server;
    await using world = clientWorld({ credentials: sourceOf({ kind: 'bearer', token: new Secret('good') }) });

    expect(await world.client.headManifest(repository, 'v1')).toBeNull();
    expect(desk.methods).toEqual([]);
  });

  it('tries a failing token service again, as any other host', async () => {
    const { server, repository } = await tokenWorld((_method, tries) =>
      tries < 3 ? [503, ''] : [200, { token: 'good' }],
    );
    await using _server = server;
    await using world = clientWorld();

    expect(await world.client.headManifest(repository, 'v1')).toBeNull();
    expect(world.sleeps).toHaveLength(2);
  });

  it.each([
    ['no token', {}],
    ['a token that is no header', { token: 'a\r\nb: c' }],
    ['more than 64 KiB', { token: 'x'.repeat(70_000) }],
    ['no JSON', 'hello'],
  ])('refuses an answer with %s', async (_name, answer) => {
    const { server, repository } = await tokenWorld(() => [200, answer]);
    await using _server = server;
    await using world = clientWorld();

    await expect(world.client.headManifest(repository, 'v1')).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
  });

  it('follows no redirect of a token service', async () => {
    await using other = await stubServer((_request, response) => reply(response, 200, { token: 'good' }));
    await using server = await stubServer((request, response) => {
      if (request.url?.startsWith('/token')) reply(response, 302, '', { location: `${other.url}/token` });
      else reply(response, 401, '', { 'www-authenticate': `Bearer realm="${server.url}/token"` });
    });
    await using world = clientWorld();

    await expect(world.client.headManifest({ host: server.host, path: 'a' }, 'v1')).rejects.toMatchObject({
      code: 'REGISTRY_UNSAFE_REALM',
    });
    expect(other.requests).toEqual([]);
  });

  it('asks a source once more when its password ran out', async () => {
    const registry = await registryWith({ mode: 'bearer' });
    const asked: boolean[] = [];
    const credentials: CredentialSource = {
      find: async (_host, _path, isRefused = false) => {
        asked.push(isRefused);
        const password = new Secret(isRefused ? PASSWORD : 'of yesterday');
        return { credential: { kind: 'basic', username: 'robot', password }, source: 'a helper' };
      },
    };
    await using world = clientWorld({ credentials });

    expect(await world.client.headManifest({ host: registry.host, path: 'a' }, 'v1')).toBeNull();
    expect(asked).toEqual([false, true]);
  });

  it('shows no secret in errors and events, even where the host repeats it', async () => {
    const { server, repository } = await tokenWorld((_method) => [200, { token: 'super-secret-token' }]);
    await using _server = server;
    await using world = clientWorld({ credentials: passwordSource('robot', PASSWORD) });

    const error = await world.client.headManifest(repository, 'v1').then(
      () => null,
      (failure: unknown) => failure,
    );

    expect(error).toMatchObject({ code: 'REGISTRY_UNAUTHORIZED' });
    const told = JSON.stringify([error, String(error), (error as Error).stack, world.events]);
    expect(told).not.toContain('super-secret-token');
    expect(told).not.toContain(PASSWORD);
  });
});
