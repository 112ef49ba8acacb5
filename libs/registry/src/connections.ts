// SPDX-License-Identifier: Apache-2.0
import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { isLoopbackName } from './network-address.ts';
import { type Lookup, publicLookup } from './realm-policy.ts';
import type { Timeouts } from './timeouts.ts';

/** The proxies of the environment, as the caller read them; `noProxy` is the comma-separated list. */
export interface ProxySettings {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

/** Kinds of traffic that must not wait for each other: short calls, blobs, and token services that were not written down. */
export type Lane = 'api' | 'body' | 'guarded';

/** What `Connections` needs to know of a host (with port). */
export interface HostLink {
  readonly ca: string | null;
  /** Connections of the `api` lane. */
  readonly concurrency: number;
}

export interface ConnectionsOptions {
  readonly linkOf: (host: string) => HostLink;
  readonly timeouts: Timeouts;
  readonly proxies: ProxySettings;
  /** Default: the system's resolver. */
  readonly resolve?: Lookup | undefined;
}

/** Connections for blobs: the copy engine bounds how many are used, this only bounds accidents. */
const BODY_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 32 * 1024;
/** Shorter than the idle limits of common servers, so that we rarely write into a connection that is being closed. */
const KEEP_ALIVE_MS = 4000;
/** Pools kept for hosts that registries redirect to. */
const MAX_POOLS = 256;

/** One pool per origin and lane, HTTP/1.1, TLS 1.2 or later, through the environment's proxy where there is one. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #pools = new Map<string, Dispatcher>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** The pool for `origin` (`https://host[:port]`). */
  to(origin: string, lane: Lane): Dispatcher {
    const key = `${lane} ${origin}`;
    const known = this.#pools.get(key);
    if (known) return known;
    const pool = this.#open(new URL(origin), lane);
    this.#pools.set(key, pool);
    if (this.#pools.size > MAX_POOLS) this.#closeOldest();
    return pool;
  }

  /** Ends all connections, in use or not. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #closeOldest(): void {
    const [oldest] = this.#pools;
    if (!oldest) return;
    this.#pools.delete(oldest[0]);
    // What is under way on it may end; nothing new begins.
    void oldest[1].close();
  }

  #open(origin: URL, lane: Lane): Dispatcher {
    const { linkOf, timeouts, proxies, resolve } = this.#options;
    const { ca, concurrency } = linkOf(origin.host);
    const tls = { minVersion: 'TLSv1.2' as const, ...(ca === null ? {} : { ca }) };
    const shared = {
      connections: lane === 'body' ? BODY_CONNECTIONS : concurrency,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: timeouts.headersMs,
      bodyTimeout: timeouts.bodyIdleMs,
    };
    const proxy = proxyFor(origin, proxies);
    if (proxy !== null) {
      return new EnvHttpProxyAgent({
        ...shared,
        httpProxy: proxy,
        httpsProxy: proxy,
        noProxy: proxies.noProxy ?? '',
        connectTimeout: timeouts.connectMs,
        connect: { ...tls, timeout: timeouts.connectMs },
        requestTls: tls,
        proxyTls: { minVersion: 'TLSv1.2' },
        factory: (target: URL, options: object) => new Pool(target, { ...shared, ...options }),
      });
    }
    const lookup = lane === 'guarded' ? publicLookup(resolve) : resolve;
    const connect = { ...tls, ...(lookup && { lookup }), timeout: timeouts.connectMs };
    return new Pool(origin, { ...shared, connect });
  }
}

/** The proxy for an origin: by scheme, never for this machine; NO_PROXY is looked at by the agent itself. */
function proxyFor(origin: URL, proxies: ProxySettings): string | null {
  if (isLoopbackName(origin.hostname)) return null;
  const proxy = (origin.protocol === 'https:' ? proxies.httpsProxy : proxies.httpProxy) ?? '';
  if (proxy === '') return null;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}
