// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryLimiter, type Limiter } from '@promograph/limiter';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { reply, type StubServer, stubServer } from './client-world.testing.ts';
import { applicationDefaultTokens, type GoogleTokenSource } from './google-credentials.ts';
import { GoogleTransport, type GoogleTransportOptions } from './google-transport.ts';

const METADATA = '/computeMetadata/v1/instance/service-accounts/default/token';
let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'promograph-google-'));
  // The library looks at the process's own environment.
  vi.stubEnv('HOME', home);
  vi.stubEnv('CLOUDSDK_CONFIG', '');
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** Tokens through a transport of the test's own, with what it asked the limiter for. */
function tokens(options: Partial<GoogleTransportOptions> = {}): { token: GoogleTokenSource; granted: string[] } {
  const granted: string[] = [];
  const limiter = createMemoryLimiter({ capFor: () => null });
  const acquire: Limiter['acquire'] = (key, call) => {
    granted.push(`${key.action} ${key.host}`);
    return limiter.acquire(key, call);
  };
  const counting = Object.assign(Object.create(limiter) as Limiter, { acquire });
  const transport = new GoogleTransport({ env: {}, ...options, limiter: counting });
  onTestFinished(() => transport.close());
  return { token: applicationDefaultTokens(transport), granted };
}

function useFile(credentials: object): void {
  const file = join(home, 'credentials.json');
  writeFileSync(file, JSON.stringify(credentials));
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
}

/** A cloud that exchanges a subject's token for one of Google's, as workload identity federation does. */
async function federation(answer: (path: string) => [number, object]): Promise<StubServer> {
  const server = await stubServer((request, response) => {
    const [status, json] = answer(request.url ?? '');
    reply(response, status, JSON.stringify(json), { 'content-type': 'application/json' });
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  useFile({
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${server.url}/sts`,
    credential_source: {
      url: `${server.url}/subject`,
      headers: { Authorization: 'bearer the-job' },
      format: { type: 'json', subject_token_field_name: 'value' },
    },
  });
  return server;
}

const EXCHANGED = { access_token: 'ya29.exchanged', issued_token_type: 'x', token_type: 'Bearer', expires_in: 3600 };

describe('application default credentials from a file', () => {
  it('take a grant for each request, and none for a token that is kept', async () => {
    const server = await federation((path) => [200, path === '/subject' ? { value: 'the-subject' } : EXCHANGED]);
    const { token, granted } = tokens();

    expect([await token(), await token()]).toEqual(['ya29.exchanged', 'ya29.exchanged']);

    expect(server.requests).toEqual(['GET /subject', 'POST /sts']);
    expect(server.authorizations).toEqual(['Bearer the-job', undefined]);
    expect(granted).toEqual([`token ${server.host}`, `token ${server.host}`]);
  });

  it('take a grant for each request of an account that impersonates another', async () => {
    const path = '/v1/projects/-/serviceAccounts/release@example.org:generateAccessToken';
    const seen: string[] = [];
    const proxy = await connectProxy((authority) => seen.push(authority));
    useFile({
      type: 'impersonated_service_account',
      service_account_impersonation_url: `https://iamcredentials.googleapis.com${path}`,
      source_credentials: { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' },
    });
    const { token, granted } = tokens({ proxies: { httpsProxy: proxy } });

    await expect(token()).rejects.toThrow();

    expect(new Set(seen)).toEqual(new Set(['oauth2.googleapis.com:443']));
    expect(granted).toHaveLength(seen.length);
  });

  it('are asked for through the proxy of the environment, and nowhere else', async () => {
    const seen: string[] = [];
    const proxy = await connectProxy((authority) => seen.push(authority));
    useFile({ type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' });
    const { token, granted } = tokens({ proxies: { httpsProxy: proxy } });

    await expect(token()).rejects.toThrow();

    expect(new Set(seen)).toEqual(new Set(['oauth2.googleapis.com:443']));
    expect(granted).toHaveLength(seen.length);
  });

  it('that are refused say why, without what they are', async () => {
    await federation((path) =>
      path === '/subject'
        ? [200, { value: 'the-subject' }]
        : [400, { error: 'invalid_grant', error_description: 'old' }],
    );

    const failure = await tokens()
      .token()
      .catch((error: unknown) => String(error));

    expect(failure).toContain('invalid_grant');
    expect(failure).not.toContain('the-subject');
  });

  it('are never sent over plain http to another machine', async () => {
    const transport = new GoogleTransport({ env: {}, limiter: createMemoryLimiter({ capFor: () => null }) });
    onTestFinished(() => transport.close());

    await expect(transport.fetch('http://sts.example.org/token')).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' });
  });
});

describe('application default credentials of the machine', () => {
  async function metadata(answer: () => [number, string]): Promise<StubServer & { flavours: unknown[] }> {
    const flavours: unknown[] = [];
    const server = await stubServer((request: IncomingMessage, response) => {
      flavours.push(request.headers['metadata-flavor']);
      const [status, text] = answer();
      reply(response, status, text);
    });
    onTestFinished(() => server[Symbol.asyncDispose]());
    return Object.assign(server, { flavours });
  }
  const given = (token: string, seconds: number): [number, string] => [
    200,
    JSON.stringify({ access_token: token, expires_in: seconds }),
  ];

  it('take one grant for one request, however many ask, and are kept', async () => {
    const server = await metadata(() => given('ya29.machine', 3600));
    const { token, granted } = tokens({ env: { GCE_METADATA_HOST: server.host } });

    expect(await Promise.all([token(), token(), token()])).toEqual(Array(3).fill('ya29.machine'));
    expect(await token()).toBe('ya29.machine');

    expect(server.requests).toEqual([`GET ${METADATA}`]);
    expect(server.flavours).toEqual(['Google']);
    expect(granted).toEqual([`token ${server.host}`]);
  });

  it('are asked for again when they end, and never through a proxy', async () => {
    const server = await metadata(() => given('ya29.short', 60));
    const { token } = tokens({
      env: { GCE_METADATA_HOST: server.host },
      proxies: { httpProxy: 'http://127.0.0.1:1', httpsProxy: 'http://127.0.0.1:1' },
    });

    expect([await token(), await token()]).toEqual(['ya29.short', 'ya29.short']);

    expect(server.requests).toHaveLength(2);
  });

  it('are none where no metadata server answers, which is found out once', async () => {
    const server = await metadata(() => given('ya29', 60));
    await server[Symbol.asyncDispose]();
    const { token, granted } = tokens({ env: { GCE_METADATA_HOST: server.host } });

    expect([await token(), await token()]).toEqual([null, null]);

    expect(granted).toEqual([`token ${server.host}`]);
  });

  it.each([
    [404, ''],
    [200, 'no json'],
  ])('that cannot be had are an error (%i)', async (status, text) => {
    const server = await metadata(() => [status, text]);
    const { token } = tokens({ env: { GCE_METADATA_HOST: server.host } });

    await expect(token()).rejects.toMatchObject({ code: 'REGISTRY_CREDENTIALS' });
  });
});

/** A proxy that lets nobody through, and tells where they wanted to go. */
async function connectProxy(onConnect: (authority: string) => void): Promise<string> {
  const server = createServer().on('connect', (request: IncomingMessage, socket) => {
    onConnect(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
