// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { LimiterError } from './limiter-error.ts';

/** Where the Redis or Valkey is. */
export interface RedisConnectionOptions {
  /** `redis://host:port` or `rediss://host:port`; a database may follow. */
  readonly url: string;
  readonly password?: string;
  /** Longest wait for an answer. Default 2000 ms. */
  readonly timeoutMs?: number;
  /** Longest wait for the first connection. Default 5000 ms. */
  readonly connectTimeoutMs?: number;
}

/** A script of Redis: all of it happens at once for everybody. */
export interface RedisScript {
  readonly lua: string;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/** Runs scripts; fails within the time limit when the server does not answer, and connects again by itself. */
export interface RedisConnection {
  run(script: RedisScript): Promise<unknown>;
  close(): Promise<void>;
}

/** The part of the client library that is used. */
interface Client {
  readonly isReady: boolean;
  evalSha(sha1: string, call: ScriptCall): Promise<unknown>;
  eval(lua: string, call: ScriptCall): Promise<unknown>;
  destroy(): void;
}

interface ScriptCall {
  readonly keys: string[];
  readonly arguments: string[];
}

const DEFAULT_TIMEOUT_MS = 2000;
const DEFAULT_CONNECT_TIMEOUT_MS = 5000;
const LONGEST_RECONNECT_PAUSE_MS = 1000;

/** Connects when the first script is run; the client library is loaded then, not before. Error: `STORE_UNREACHABLE`. */
export function createRedisConnection(options: RedisConnectionOptions): RedisConnection {
  return new Connection(options);
}

class Connection implements RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #timeoutMs: number;
  readonly #connectTimeoutMs: number;
  #client: Promise<Client> | null = null;
  #isClosed = false;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  }

  async run({ lua, keys, args }: RedisScript): Promise<unknown> {
    const client = await this.#open();
    if (!client.isReady) throw this.#unreachable(null);
    const call = { keys: [...keys], arguments: [...args] };
    const answer = client.evalSha(sha1Of(lua), call).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return client.eval(lua, call);
      throw error;
    });
    return this.#within(answer, this.#timeoutMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#client?.catch(() => null);
    client?.destroy();
  }

  #open(): Promise<Client> {
    return (this.#client ??= this.#connect().catch((error: unknown) => {
      this.#client = null;
      throw error;
    }));
  }

  async #connect(): Promise<Client> {
    const { createClient } = await import('@redis/client');
    const { url, password } = this.#options;
    const client = createClient({
      url,
      ...(password === undefined ? {} : { password }),
      // What cannot be sent now must fail now: a share of the budget is used instead.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: this.#connectTimeoutMs,
        reconnectStrategy: (attempts) => Math.min(50 * 2 ** attempts, LONGEST_RECONNECT_PAUSE_MS),
      },
    });
    // Told to whoever runs a script, and tried again meanwhile; without a listener it would end the process.
    const failed = new Promise<void>((resolve) => client.on('error', () => resolve()));
    const connected = client.connect().then(
      () => undefined,
      () => undefined,
    );
    await this.#within(Promise.race([connected, failed]), this.#connectTimeoutMs).catch(() => undefined);
    if (this.#isClosed) client.destroy();
    return client;
  }

  #within<T>(work: Promise<T>, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(this.#unreachable(null)), limitMs);
      work.then(resolve, (error: unknown) => reject(this.#unreachable(error))).finally(() => clearTimeout(timer));
    });
  }

  /** Names the host only: the URL may hold a user name. */
  #unreachable(cause: unknown): LimiterError {
    const { host } = new URL(this.#options.url);
    return new LimiterError('STORE_UNREACHABLE', `no answer from the store at ${host}`, {
      ...(cause === null ? {} : { cause }),
      hint: 'Check limiter.store, PROMOGRAPH_STORE_PASSWORD and the network.',
      retryable: true,
    });
  }
}

const hashes = new Map<string, string>();

function sha1Of(lua: string): string {
  const known = hashes.get(lua) ?? createHash('sha1').update(lua).digest('hex');
  hashes.set(lua, known);
  return known;
}
