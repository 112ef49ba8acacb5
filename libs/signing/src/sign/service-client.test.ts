// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { LookupAddress } from 'node:dns';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createMemoryLimiter, type Limiter, type LimiterKey } from '@promograph/limiter';
import { BoundAuthorization } from '@promograph/registry';
import { afterEach, describe, expect, it } from 'vitest';
import { createServiceClient, type ServiceCall, type ServiceClientOptions } from './service-client.ts';

const ROLE = { code: 'SIGNING_LOG', name: 'the log' } as const;
const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path?query=canary`);
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A limiter that writes down what it was asked and told. */
function watched(): { readonly limiter: Limiter; readonly granted: LimiterKey[]; readonly reported: unknown[] } {
  const inner = createMemoryLimiter({ capFor: () => null });
  const [granted, reported]: [LimiterKey[], unknown[]] = [[], []];
  const limiter: Limiter = {
    ...inner,
    acquire: (key, options) => {
      granted.push(key);
      return inner.acquire(key, options);
    },
    report: (key, outcome) => {
      reported.push(outcome);
      inner.report(key, outcome);
    },
  };
  return { limiter, granted, reported };
}

async function ask(
  url: URL,
  rest: Partial<ServiceCall> = {},
  options: Partial<ServiceClientOptions> = {},
): Promise<unknown> {
  const client = createServiceClient({
    limiter: createMemoryLimiter({ capFor: () => null }),
    sleep: async () => undefined,
    random: () => 0.5,
    ...options,
  });
  try {
    return await client.call({ role: ROLE, method: 'GET', url, ...rest });
  } catch (error) {
    return error;
  } finally {
    await client.close();
  }
}

const answer = (status: number, body = '', headers: Record<string, string> = {}): RequestListener => {
  return (_: IncomingMessage, response: ServerResponse) => void response.writeHead(status, headers).end(body);
};

describe('createServiceClient', () => {
  it('asks for a grant before each try, and reports what became of it', async () => {
    let tries = 0;
    const url = await serve((request, response) => answer((tries += 1) < 3 ? 503 : 200, 'ok')(request, response));
    const { limiter, granted, reported } = watched();
    const result = await ask(url, { method: 'POST', body: 'x' }, { limiter });

    expect(result).toMatchObject({ status: 200, body: Buffer.from('ok') });
    expect(granted).toEqual(Array.from({ length: 3 }, () => ({ host: url.host, action: 'upload' })));
    expect(reported).toEqual([{ status: 503 }, { status: 503 }, { status: 200 }]);
  });

  it('waits with full jitter, and longer where the service says so', async () => {
    const delays: number[] = [];
    const sleep = async (ms: number): Promise<void> => void delays.push(ms);
    let tries = 0;
    const url = await serve((request, response) => {
      tries += 1;
      const headers: Record<string, string> = tries === 3 ? { 'retry-after': '1' } : {};
      answer(tries < 5 ? 429 : 200, '', headers)(request, response);
    });
    await ask(url, {}, { sleep });

    expect(delays).toEqual([100, 200, 1000, 800]);
  });

  it.each([
    [429, 6],
    [500, 6],
    [408, 6],
    [400, 1],
    [401, 1],
    [404, 1],
    [501, 1],
  ])('status %i: %i tries', async (status, most) => {
    let tries = 0;
    const url = await serve((request, response) => {
      tries += 1;
      answer(status)(request, response);
    });
    const error = await ask(url);

    expect(tries).toBe(most);
    expect(error).toMatchObject({
      code: 'SIGNING_LOG',
      method: 'GET',
      status,
      url: expect.stringContaining('redacted'),
    });
    expect(String(error)).not.toContain('canary');
  });

  it('reads no more than it may', async () => {
    const url = await serve(answer(200, 'x'.repeat(2000)));

    expect(await ask(url, { maxBytes: 1000 })).toMatchObject({ code: 'SIGNING_LOG', retryable: false });
    expect(await ask(url, { maxBytes: 2000 })).toMatchObject({ status: 200 });
  });

  it('ends a try whose body comes in drops', async () => {
    const url = await serve((_, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.writeHead(200).on('close', () => clearInterval(timer));
    });

    expect(await ask(url, { timeoutMs: 60 }, { retry: { attempts: 2 } })).toMatchObject({
      code: 'SIGNING_LOG',
      retryable: true,
      message: expect.stringContaining('in time'),
    });
  });

  it('sends no credentials to where they do not belong, and follows no redirect', async () => {
    const seen: (string | undefined)[] = [];
    const target = await serve((request, response) => {
      seen.push(request.headers.authorization);
      answer(200)(request, response);
    });
    const url = await serve(answer(302, '', { location: target.href }));
    const authorization = BoundAuthorization.bearer(url.origin, 'a.b.c');

    expect(await ask(url, { authorization })).toMatchObject({ code: 'SIGNING_LOG', status: 302 });
    expect(seen).toEqual([]);
    await ask(target, { authorization });
    expect(seen).toEqual([undefined]);
  });

  it.each(['http://log.example/', 'ftp://127.0.0.1/', 'https://me:pw@log.example/'])('refuses %s', async (address) => {
    const { limiter, granted } = watched();

    expect(await ask(new URL(address), {}, { limiter })).toMatchObject({ code: 'SIGNING_CONFIG' });
    expect(granted).toEqual([]);
  });

  it('is cancelled by a signal, in a request and while it waits', async () => {
    const url = await serve(() => undefined);
    const inRequest = AbortSignal.timeout(30);
    const inWait = new AbortController();
    const sleep = (_: number, signal?: AbortSignal): Promise<void> => {
      inWait.abort();
      return Promise.reject(signal?.reason as Error);
    };
    const busy = await serve(answer(503));

    expect(await ask(url, { signal: inRequest })).toMatchObject({ code: 'REGISTRY_CANCELLED' });
    expect(await ask(busy, { signal: inWait.signal }, { sleep })).toMatchObject({ code: 'REGISTRY_CANCELLED' });
  });

  it('goes through the proxy of the environment, but not on this machine and not to a metadata server', async () => {
    const proxied: string[] = [];
    const proxy = await serve(answer(502));
    servers.at(-1)?.on('connect', (request: IncomingMessage, socket: Duplex) => {
      proxied.push(request.url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    const local = await serve(answer(200, 'direct'));
    const resolve = (_: string, __: object, found: (error: null, addresses: LookupAddress[]) => void): void =>
      found(null, [{ address: '127.0.0.1', family: 4 }]);
    const proxies = { httpProxy: proxy.origin, httpsProxy: proxy.origin };
    const options = { proxies, resolve, retry: { attempts: 1 } };
    const metadata = new URL(`http://metadata.invalid:${local.port}/`);

    expect(await ask(local, {}, options)).toMatchObject({ body: Buffer.from('direct') });
    expect(await ask(metadata, { isLinkLocal: true }, options)).toMatchObject({ body: Buffer.from('direct') });
    expect(proxied).toEqual([]);
    await ask(new URL('https://log.invalid/'), {}, options);
    expect(proxied).toEqual(['log.invalid:443']);
  });
});
