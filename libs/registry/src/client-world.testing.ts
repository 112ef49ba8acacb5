// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@promograph/errors';
import { createMemoryLimiter } from '@promograph/limiter';
import { type Descriptor, digestOf } from '@promograph/oci';
import { profileOf } from './built-in-profiles.ts';
import { createRegistryClient, type RegistryClientOptions } from './create-registry-client.ts';
import type { CredentialSource } from './credential.ts';
import type { RegistryClient, RegistryEvent } from './registry-client.ts';
import type { RegistryProfile } from './registry-profile.ts';

/** A client for tests: no waits between tries, everything it tells is kept. */
export interface ClientWorld extends AsyncDisposable {
  readonly client: RegistryClient;
  readonly events: RegistryEvent[];
  /** Waits that the client asked for, milliseconds. */
  readonly sleeps: number[];
}

/** What a test may want to be different. */
export type WorldOptions = Partial<RegistryClientOptions> & { readonly profile?: Partial<RegistryProfile> };

/** Makes the client; `profile` is laid over every host's profile. */
export function clientWorld(options: WorldOptions = {}): ClientWorld {
  const { profile, ...rest } = options;
  const events: RegistryEvent[] = [];
  const sleeps: number[] = [];
  const client = createRegistryClient({
    limiter: createMemoryLimiter({ capFor: () => null }),
    profileFor: (host) => ({ ...profileOf(host), ...profile }),
    credentials: { find: async () => null },
    onEvent: (event) => void events.push(event),
    sleep: async (ms) => void sleeps.push(ms),
    ...rest,
  });
  return { client, events, sleeps, [Symbol.asyncDispose]: () => client.close() };
}

/** A source with one password for every host. */
export function passwordSource(username: string, password: string): CredentialSource {
  const credential = { kind: 'basic', username, password: new Secret(password) } as const;
  return { find: async () => ({ credential, source: 'the test' }) };
}

/** A server of the test's own making. */
export interface StubServer extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly url: string;
  /** What came in: `METHOD path`. */
  readonly requests: string[];
  /** The Authorization headers of the same requests. */
  readonly authorizations: (string | undefined)[];
  connections: number;
}

/** Listens on a free port of this machine. */
export async function stubServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<StubServer> {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    authorizations.push(request.headers.authorization);
    handle(request, response);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stub: StubServer = {
    host,
    url: `http://${host}`,
    requests,
    authorizations,
    connections: 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('connection', () => {
    stub.connections += 1;
  });
  return stub;
}

/** Response, status, body (JSON unless it is text or bytes) and headers. */
export type Reply = [
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
];

/** Answers a request. */
export function reply(...[response, status, body = '', headers = {}]: Reply): void {
  const isPlain = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, headers).end(isPlain ? body : JSON.stringify(body));
}

/** The descriptor of bytes as a blob. */
export function blobOf(bytes: Buffer): Descriptor {
  return {
    mediaType: 'application/octet-stream',
    digest: digestOf(bytes),
    sizeBytes: bytes.length,
    artifactType: null,
    platform: null,
    annotations: {},
    isForeign: false,
  };
}
