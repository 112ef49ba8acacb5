// SPDX-License-Identifier: Apache-2.0
import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { DevstackError } from '../devstack-error.ts';

/** Who pushes, to a registry that asks. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A request to a registry. `path` may be a Location, absolute or not. */
export interface ClientRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Statuses that are no failure. */
  readonly expect: readonly number[];
}

/** An answer, read whole. */
export interface ClientResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The smallest registry client that can seed a registry, with Basic and Bearer. Error: `DEVSTACK_PUSH_FAILED`. */
export class RegistryClient {
  readonly #url: string;
  readonly #credentials: Credentials | undefined;
  readonly #agent: Agent;
  #authorization: string | undefined;

  constructor(url: string, credentials?: Credentials) {
    this.#url = url;
    this.#credentials = credentials;
    this.#agent = url.startsWith('https:') ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  }

  async send(request: ClientRequest): Promise<ClientResponse> {
    let response = await this.#send(request);
    if (response.status === 401 && this.#credentials) {
      this.#authorization = await this.#answerTo(response, this.#credentials);
      response = await this.#send(request);
    }
    if (request.expect.includes(response.status)) return response;
    const detail = response.body.toString().slice(0, 300);
    throw new DevstackError('DEVSTACK_PUSH_FAILED', `${request.method} ${request.path}: ${response.status} ${detail}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #answerTo({ headers }: ClientResponse, { username, password }: Credentials): Promise<string> {
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const challenge = headers['www-authenticate'] ?? '';
    if (!/^bearer /i.test(challenge)) return basic;
    const parameters = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    const url = new URL(parameters.get('realm') ?? '/token', this.#url);
    for (const name of ['service', 'scope']) url.searchParams.set(name, parameters.get(name) ?? '');
    const answer = await this.#send({ method: 'GET', path: url.href, headers: { authorization: basic }, expect: [] });
    const { token } = JSON.parse(answer.body.toString() || '{}') as { token?: string };
    return `Bearer ${token ?? ''}`;
  }

  #send({ method, path, headers, body }: ClientRequest): Promise<ClientResponse> {
    const url = new URL(path, this.#url);
    const authorization = this.#authorization === undefined ? {} : { authorization: this.#authorization };
    const length = body || method !== 'GET' ? { 'content-length': String(body?.length ?? 0) } : {};
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const settings = { method, agent: this.#agent, headers: { ...authorization, ...length, ...headers } };
      const outgoing = send(url, settings, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) });
        });
      });
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }
}
