// SPDX-License-Identifier: Apache-2.0
import { type Agent, createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { checkConfig, type RedirectConfig } from '@promograph/redirect';
import { makeSettings, type Settings } from './config/settings.ts';
import { type RunningRedirector, startRedirector } from './server/start-redirector.ts';

/** A backend that answers every HEAD as it is told to, and counts them. */
export interface FakeBackend {
  readonly url: string;
  /** Paths of what was asked, checks of `/v2/` left out. */
  readonly asked: string[];
  /** Status by path; null never answers. */
  answer: (path: string) => number | null;
  close(): Promise<void>;
}

/** Starts a backend that has nothing. */
export async function startFakeBackend(): Promise<FakeBackend> {
  const server = createServer((incoming, response) => {
    const path = incoming.url ?? '';
    const isCheck = path === '/v2/' || path === '/';
    if (!isCheck) backend.asked.push(path);
    const status = isCheck ? 200 : backend.answer(path);
    if (status !== null) response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const backend: FakeBackend = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answer: () => 404,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return backend;
}

/** Settings of a configuration that must be right, listening on free ports of loopback. */
export function settingsOf(config: RedirectConfig): Settings {
  const checked = checkConfig({ listen: '127.0.0.1:0', metricsListen: '127.0.0.1:0', ...config });
  if (!checked.isValid) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return makeSettings(checked.config, null);
}

/** A redirector, its log and how to send it requests. */
export interface RedirectorWorld {
  readonly redirector: RunningRedirector;
  readonly log: string[];
  send(path: string, options?: { method?: string; headers?: Record<string, string> }): Promise<Reply>;
  /** A page of the second port. */
  readPage(path: string): Promise<Reply>;
}

/** An answer that was read whole; redirects are not followed. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Starts a redirector on loopback. */
export async function startWorld(config: RedirectConfig): Promise<RedirectorWorld> {
  const log: string[] = [];
  const redirector = await startRedirector(settingsOf(config), {
    writeLog: (text) => log.push(...text.trimEnd().split('\n')),
  });
  return {
    redirector,
    log,
    send: (path, options) => sendTo(redirector.port, path, options),
    readPage: (path) => sendTo(redirector.metricsPort ?? 0, path),
  };
}

/** Sends a path exactly as it is written, which `fetch` would clean first. */
export async function sendTo(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; agent?: Agent } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    sent.on('error', reject).end();
  });
}

/** Writes octets exactly as they are, and reads until the other end closes. */
export async function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1');
    // A reset ends it too; what was received before counts.
    socket.on('data', (chunk) => (received += chunk.toString('latin1'))).on('error', () => undefined);
    socket.on('close', () => resolve(received)).write(text, 'latin1');
  });
}
