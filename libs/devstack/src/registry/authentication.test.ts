// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it } from 'vitest';
import { buildImage } from '../images/build-image.ts';
import { pushImage } from '../images/push-image.ts';
import type { RegistryAuth } from './registry-options.ts';
import { type RunningRegistry, startRegistry } from './start-registry.ts';

const WRITER = { username: 'writer', password: 'pa:ss' };
const READER = { username: 'reader', password: 'r', actions: ['pull'] as const };
const LOCAL = { username: 'local', password: 'l', repositories: ['team'] };
const image = buildImage({ layers: [{ seed: 'auth', sizeBytes: 10 }] });

let registry: RunningRegistry | undefined;
let clock = 0;
afterEach(() => registry?.close());

const start = async (auth: Partial<RegistryAuth>): Promise<string> => {
  clock = 1_000_000;
  const settings = { mode: 'bearer', users: [WRITER, READER, LOCAL], ...auth } as const;
  registry = await startRegistry({ now: () => clock, auth: settings });
  return registry.url;
};
const basic = ({ username, password }: { username: string; password: string }): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});
const token = async (url: string, scopes: string[], user?: { username: string; password: string }): Promise<string> => {
  const query = new URLSearchParams({ service: 'devstack' });
  for (const scope of scopes) query.append('scope', scope);
  const response = await fetch(`${url}/token?${query.toString()}`, { headers: user ? basic(user) : {} });
  return ((await response.json()) as { token: string }).token;
};
const bearer = (value: string): Record<string, string> => ({ authorization: `Bearer ${value}` });

describe('Basic authentication', () => {
  it('asks for an account, and takes a right password alone', async () => {
    const url = await start({ mode: 'basic' });

    const nothing = await fetch(`${url}/v2/`);
    const wrong = await fetch(`${url}/v2/`, { headers: basic({ username: 'writer', password: 'pa' }) });
    const right = await fetch(`${url}/v2/`, { headers: basic(WRITER) });

    expect([nothing.status, wrong.status, right.status]).toEqual([401, 401, 200]);
    expect(nothing.headers.get('www-authenticate')).toBe('Basic realm="devstack"');
    expect(registry?.requests.map(({ authorization }) => authorization)).toEqual(['none', 'basic', 'basic']);
  });

  it('lets a reader read and not write', async () => {
    const url = await start({ mode: 'basic' });
    await pushImage({ url, repository: 'team/a', image, tags: ['v1'], credentials: WRITER });

    const read = await fetch(`${url}/v2/team/a/manifests/v1`, { headers: basic(READER) });
    const write = await fetch(`${url}/v2/team/a/blobs/uploads/`, { method: 'POST', headers: basic(READER) });
    const remove = await fetch(`${url}/v2/team/a/manifests/v1`, { method: 'DELETE', headers: basic(READER) });

    expect([read.status, write.status, remove.status]).toEqual([200, 403, 403]);
  });
});

describe('Bearer authentication', () => {
  it('challenges with realm, service and the scope of the request', async () => {
    const url = await start({});

    const read = await fetch(`${url}/v2/team/a/tags/list`);
    const write = await fetch(`${url}/v2/team/a/blobs/uploads/?mount=sha256:0&from=team/b`, { method: 'POST' });
    const ping = await fetch(`${url}/v2/`);

    const head = `Bearer realm="${url}/token",service="devstack"`;
    expect(read.headers.get('www-authenticate')).toBe(`${head},scope="repository:team/a:pull"`);
    expect(write.headers.get('www-authenticate')).toBe(
      `${head},scope="repository:team/a:pull,push repository:team/b:pull"`,
    );
    expect(ping.headers.get('www-authenticate')).toBe(head);
  });

  it('takes a push through the token endpoint, several scopes in one token', async () => {
    const url = await start({});

    await pushImage({ url, repository: 'team/a', image, tags: ['v1'], credentials: WRITER });
    const both = await token(url, ['repository:team/b:push,pull', 'repository:team/a:pull'], WRITER);
    const digest = image.blobs[0]?.digest ?? '';
    const mount = await fetch(`${url}/v2/team/b/blobs/uploads/?mount=${digest}&from=team/a`, {
      method: 'POST',
      headers: bearer(both),
    });

    expect(mount.status).toBe(201);
  });

  it('refuses a token whose scope does not reach', async () => {
    const url = await start({});
    const pull = await token(url, ['repository:team/a:pull'], WRITER);

    const other = await fetch(`${url}/v2/team/b/tags/list`, { headers: bearer(pull) });
    const push = await fetch(`${url}/v2/team/a/blobs/uploads/`, { method: 'POST', headers: bearer(pull) });

    expect([other.status, push.status]).toEqual([401, 401]);
    expect(push.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  it('refuses a token after its lifetime', async () => {
    const url = await start({ tokenSeconds: 60 });
    const value = await token(url, ['repository:team/a:pull'], WRITER);
    const get = (): Promise<Response> => fetch(`${url}/v2/team/a/tags/list`, { headers: bearer(value) });

    clock += 59_999;
    const before = await get();
    clock += 1;
    const after = await get();

    expect([before.status, after.status]).toEqual([404, 401]);
    expect(after.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('gives an account what it has and no more', async () => {
    const url = await start({});
    const scopes = ['repository:team/a:pull,push', 'repository:other/a:pull', 'repository:teammate:pull'];
    const local = await token(url, scopes, LOCAL);
    const reader = await token(url, scopes, READER);
    const status = async (path: string, value: string, method = 'GET'): Promise<number> =>
      (await fetch(url + path, { method, headers: bearer(value) })).status;

    expect(await status('/v2/team/a/blobs/uploads/', local, 'POST')).toBe(202);
    expect(await status('/v2/other/a/tags/list', local)).toBe(401);
    expect(await status('/v2/teammate/tags/list', local)).toBe(401);
    expect(await status('/v2/team/a/blobs/uploads/', reader, 'POST')).toBe(401);
  });

  it('does not mount anonymously from what the caller may not read', async () => {
    const url = await start({});
    await pushImage({ url, repository: 'secret', image, credentials: WRITER });
    const value = await token(url, ['repository:team/a:pull,push'], LOCAL);

    const mount = await fetch(`${url}/v2/team/a/blobs/uploads/?mount=${image.blobs[0]?.digest ?? ''}`, {
      method: 'POST',
      headers: bearer(value),
    });

    expect(mount.status).toBe(202);
  });

  it('shows the catalog under its own scope, as far as the account may read', async () => {
    const url = await start({});
    for (const repository of ['team/a', 'secret']) await pushImage({ url, repository, image, credentials: WRITER });
    const catalog = async (scope: string): Promise<Response> =>
      fetch(`${url}/v2/_catalog`, { headers: bearer(await token(url, [scope], LOCAL)) });

    const refused = await catalog('repository:team/a:pull');
    const shown = await catalog('registry:catalog:*');

    expect([refused.status, await shown.json()]).toEqual([401, { repositories: ['team/a'] }]);
    expect(refused.headers.get('www-authenticate')).toContain('scope="registry:catalog:*"');
  });

  it('lets anyone pull where that is allowed, with or without a token', async () => {
    const url = await start({ anonymousPull: true });
    await pushImage({ url, repository: 'open', image, tags: ['v1'], credentials: WRITER });
    const value = await token(url, ['repository:open:pull,push']);

    const plain = await fetch(`${url}/v2/open/manifests/v1`);
    const withToken = await fetch(`${url}/v2/open/manifests/v1`, { headers: bearer(value) });
    const write = await fetch(`${url}/v2/open/blobs/uploads/`, { method: 'POST', headers: bearer(value) });

    expect([plain.status, withToken.status, write.status]).toEqual([200, 200, 401]);
  });
});

describe('the token endpoint', () => {
  const post = (url: string, form: Record<string, string>): Promise<Response> =>
    fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(form) });

  it('refuses a wrong password, no password and an unknown grant', async () => {
    const url = await start({});

    const wrong = await fetch(`${url}/token`, { headers: basic({ ...WRITER, password: 'x' }) });
    const none = await fetch(`${url}/token`);
    const grant = await post(url, { grant_type: 'authorization_code' });

    expect([wrong.status, none.status, grant.status]).toEqual([401, 401, 400]);
  });

  it('gives a refresh token to those who ask, and access tokens for it', async () => {
    const url = await start({});
    const form = { grant_type: 'password', username: 'writer', password: 'pa:ss', access_type: 'offline' };
    const first = (await (await post(url, form)).json()) as { refresh_token: string };

    const refreshed = await post(url, {
      grant_type: 'refresh_token',
      refresh_token: first.refresh_token,
      scope: 'repository:team/a:pull',
    });
    const invalid = await post(url, { grant_type: 'refresh_token', refresh_token: 'x' });
    const { access_token: value, expires_in: lifetime } = (await refreshed.json()) as Record<string, string>;

    expect([lifetime, invalid.status]).toEqual([300, 401]);
    expect((await fetch(`${url}/v2/team/a/tags/list`, { headers: bearer(value ?? '') })).status).toBe(404);
  });

  it('can be announced at another origin', async () => {
    const url = await start({ realm: 'http://elsewhere.example/token', service: 'own' });

    const challenge = (await fetch(`${url}/v2/`)).headers.get('www-authenticate');

    expect(challenge).toBe('Bearer realm="http://elsewhere.example/token",service="own"');
  });
});
