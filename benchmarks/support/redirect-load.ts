// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { hasWrk, type LoadResult, onCore, sendWrkLoad, SERVER_CORE, type TimedLoad } from './redirect-wrk.ts';

/** What a server cost since it started. */
export interface ServerUsage {
  readonly cpuUs: number;
  readonly rssMb: number;
}

/** A server under load, in a process of its own. */
export interface LoadedServer {
  readonly port: number;
  usage(): Promise<ServerUsage>;
  /** Samples of its metrics by name and labels. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  close(): void;
}

/** Requests of one kind: as many as there are paths, or for a time. */
export interface Load {
  readonly port: number;
  /** The next path, or null when there are no more. */
  readonly nextPath: () => string | null;
  readonly seconds?: number;
}

const CONNECTIONS = 64;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles `redirect-server.ts` into a directory below `dist`, as what is published is bundled, and answers the program. */
export async function buildLoadedServer(): Promise<{ readonly dir: string; readonly program: string }> {
  const dist = join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  const dir = mkdtempSync(join(dist, 'benchmark-'));
  const shape = { bundle: true, splitting: true, format: 'esm', platform: 'node', packages: 'bundle' } as const;
  // Some dependencies are CommonJS and call `require` for modules of Node.
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  await build({
    ...shape,
    banner,
    entryPoints: [fileURLToPath(new URL('redirect-server.ts', import.meta.url))],
    outdir: dir,
  });
  return { dir, program: join(dir, 'redirect-server.js') };
}

/** Starts what `buildLoadedServer` built, on the core of servers; its log goes nowhere. */
export async function startLoadedServer(program: string, ...args: readonly string[]): Promise<LoadedServer> {
  const [execPath, ...execArgv] = [...onCore(SERVER_CORE), process.execPath];
  const child = fork(program, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execPath, execArgv });
  const told: { port?: number; metricsPort?: number } = {};
  while (told.port === undefined) Object.assign(told, await nextMessage(child));
  const { port, metricsPort } = told;
  return {
    port,
    usage: async () => {
      child.send('usage');
      return (await nextMessage(child)) as ServerUsage;
    },
    metrics: async () => {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return new Map(
        lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
      );
    },
    close: () => void child.kill('SIGKILL'),
  };
}

function nextMessage(child: ChildProcess): Promise<object> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('the server ended'));
    child.once('exit', onExit).once('message', (message: object) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}

/** Sends requests for a time over 64 connections: with wrk, or where it is not installed as `sendLoad` does. */
export async function sendTimedLoad(load: Omit<TimedLoad, 'connections'>): Promise<LoadResult> {
  return hasWrk ? sendWrkLoad({ ...load, connections: CONNECTIONS }) : sendLoad(load);
}

/** Sends requests over 64 connections, one at a time on each, and answers how many were redirected and how fast. */
export async function sendLoad({ port, nextPath, seconds = Infinity }: Load): Promise<LoadResult> {
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1000;
  let requests = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      const next = (): void => {
        const path = performance.now() < endsAtMs ? nextPath() : null;
        if (path === null) socket.end();
        else socket.write(`GET ${path} HTTP/1.1\r\nHost: registry.example\r\nUser-Agent: load\r\nAccept: */*\r\n\r\n`);
      };
      socket
        .setNoDelay(true)
        .on('connect', next)
        .on('error', reject)
        .on('close', () => resolve());
      socket.on('data', (chunk: Buffer) => {
        // Redirects have no body, so that an answer ends where its head ends.
        if (chunk.readUInt32BE(chunk.length - 4) !== 0x0d0a0d0a) return;
        if (chunk.toString('latin1', 0, 12) !== 'HTTP/1.1 307')
          return void reject(new Error(chunk.toString().slice(0, 200)));
        requests += 1;
        next();
      });
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return { requests, perSecond: requests / ((performance.now() - startedAtMs) / 1000) };
}
