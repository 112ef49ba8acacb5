// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the proxy saw it. `bodyBytes` and `status` grow while it goes on. */
export interface WatchedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  bodyBytes: number;
  /** Length that the client announced, or null. */
  readonly announcedBytes: number | null;
  /** What the registry answered; null while it has not. */
  status: number | null;
}

/** Told what happens; a promise holds the request back until it is settled, and `drop` loses it. */
export interface WatchHooks {
  readonly onRequest?: (request: WatchedRequest) => Promise<'pass' | 'drop'> | 'pass' | 'drop';
  readonly onBody?: (request: WatchedRequest) => void;
  /** Before the answer is passed on; `corrupt` flips a bit of its body's first chunk. */
  readonly onAnswer?: (request: WatchedRequest) => Promise<'pass' | 'drop' | 'corrupt'> | 'pass' | 'drop' | 'corrupt';
}

/** Stands before a registry, keeps a log of everything and lets a test act at an exact point. */
export class WatchingProxy {
  readonly requests: WatchedRequest[] = [];
  hooks: WatchHooks = {};
  readonly #target: URL;
  readonly #server: Server;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, response) => {
      this.#forward(incoming, response).catch(() => response.destroy());
    });
  }

  static async before(target: string): Promise<WatchingProxy> {
    const proxy = new WatchingProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #forward(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const watched = this.#note(incoming);
    if ((await this.hooks.onRequest?.(watched)) === 'drop') return void response.destroy();
    const outgoing = send({
      host: this.#target.hostname,
      port: this.#target.port,
      method: watched.method,
      path: watched.path,
      headers: incoming.headers,
    });
    incoming.on('data', (chunk: Buffer) => {
      watched.bodyBytes += chunk.length;
      this.hooks.onBody?.(watched);
    });
    incoming.on('aborted', () => outgoing.destroy());
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    watched.status = answer.statusCode ?? null;
    await this.#relay(watched, answer, response);
  }

  async #relay(watched: WatchedRequest, answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const verdict = (await this.hooks.onAnswer?.(watched)) ?? 'pass';
    if (verdict === 'drop') return void response.destroy();
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    let isFirst = true;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (verdict === 'corrupt' && isFirst) chunk[0] = (chunk[0] ?? 0) ^ 1;
      isFirst = false;
      if (!response.write(chunk)) await once(response, 'drain');
    }
    response.end();
  }

  #note(incoming: IncomingMessage): WatchedRequest {
    const length = incoming.headers['content-length'];
    const watched: WatchedRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      bodyBytes: 0,
      announcedBytes: length === undefined ? null : Number(length),
      status: null,
    };
    this.requests.push(watched);
    return watched;
  }
}
