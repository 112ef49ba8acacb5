// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '@promograph/oci';
import type { FaultHook } from './fault.ts';
import { type Gate, handleRequest } from './handle-request.ts';
import { inspectRepositories, type RepositoryInspection } from './inspect-repositories.ts';
import { closeServer, listen } from './listen.ts';
import { RateCap } from './rate-cap.ts';
import type { Mismatch } from './registry-context.ts';
import type { RegistryOptions } from './registry-options.ts';
import { RegistryStore } from './registry-store.ts';
import { RequestLog } from './request-log.ts';
import type { RequestCounts, RequestRecord } from './request-record.ts';
import { TokenStore } from './token-store.ts';
import { UploadSessions } from './upload-sessions.ts';

/** A registry that answers. */
export interface RunningRegistry {
  /** `http://127.0.0.1:5001`, without a slash at the end. */
  readonly url: string;
  /** `127.0.0.1:5001`: the registry host of image names. */
  readonly host: string;
  readonly port: number;
  readonly dir: string;
  /** Records of the requests so far, oldest first. */
  readonly requests: readonly RequestRecord[];
  readonly counts: RequestCounts;
  /** Uploads that are neither finished nor cancelled. */
  readonly openUploads: number;
  /** What a permissive registry took under a wrong digest. */
  readonly mismatches: readonly Mismatch[];
  /** Everything in it, sorted: two registries with equal content compare equal. */
  repositories(): Record<string, RepositoryInspection>;
  /** The stored bytes of a blob or manifest. */
  content(digest: Digest): Promise<Buffer>;
  /** Replaces the fault hook; undefined ends all faults. */
  setFault(hook: FaultHook | undefined): void;
  clearRequests(): void;
  /** Ends all connections at once; removes the directory when it was a temporary one. */
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 60_000;
const STREAM_BUFFER_BYTES = 256 * 1024;

/** Starts a registry of the OCI distribution specification 1.1. Error: `DEVSTACK_PORT_TAKEN`. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RunningRegistry> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'promograph-registry-'));
  const store = new RegistryStore(dir);
  const gate = openGate(options, store);
  const server = createListener(options, (request, response) => void handleRequest(gate, request, response));
  server.on('connection', () => gate.log.connected());
  const close = once(async (): Promise<void> => {
    await closeServer(server);
    store.close();
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  });
  const listenHost = options.listenHost ?? '127.0.0.1';
  const port = await listen(server, { port: options.port ?? 0, host: listenHost }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const host = `${options.publicHost ?? listenHost}:${port}`;
  return describe({ gate, close, dir, host, port, url: `${options.tls ? 'https' : 'http'}://${host}` });
}

function openGate(options: RegistryOptions, store: RegistryStore): Gate {
  const now = options.now ?? Date.now;
  const uploads = new UploadSessions((id) => store.uploadFile(id));
  return {
    context: { options, store, uploads, mismatches: [], now },
    log: new RequestLog(options.recordRequests ?? true),
    tokens: options.auth ? new TokenStore(options.auth, now) : null,
    rateCap: options.requestsPerSecond === undefined ? null : new RateCap(options.requestsPerSecond, now),
    faultHook: options.onRequest,
  };
}

function createListener({ tls }: RegistryOptions, listener: RequestListener): Server {
  const settings = {
    noDelay: true,
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    highWaterMark: STREAM_BUFFER_BYTES,
  };
  return tls ? createTlsServer({ ...settings, ...tls }, listener) : createServer(settings, listener);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

interface Parts {
  readonly gate: Gate;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly dir: string;
  readonly close: () => Promise<void>;
}

function describe({ gate, close, ...place }: Parts): RunningRegistry {
  const { context, log } = gate;
  return {
    ...place,
    get requests() {
      return log.records;
    },
    get counts() {
      return log.counts;
    },
    get openUploads() {
      return context.uploads.size;
    },
    mismatches: context.mismatches,
    repositories: () => inspectRepositories(context.store.repositories),
    content: (digest) => context.store.read(digest),
    setFault: (hook) => {
      gate.faultHook = hook;
    },
    clearRequests: () => log.clear(),
    close,
  };
}
