// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { closeServer, listen } from '../registry/listen.ts';
import { FleetAnswers } from './fleet-answers.ts';
import { type FleetRepository, fleetState, type FleetState } from './fleet-state.ts';
import { readTree } from './read-tree.ts';
import { rewriteTree } from './rewrite-tree.ts';

/** What the fleet stands for and how it answers. */
export interface FleetOptions {
  /** A tree with `manifests/` and `images/`; read only. */
  readonly treeDir: string;
  /** Where the tree is written with the hosts replaced. */
  readonly outDir: string;
  /** Share of the edges that the destinations hold, 0 to 1. Default 0.95. */
  readonly promotedShare?: number;
  /** Default `google`. */
  readonly listing?: 'google' | 'plain';
  /** Whether the referrers API answers. Default: where the listing is Google's. */
  readonly hasReferrers?: boolean;
  /** Wait before each answer. Default 0. */
  readonly latencyMs?: number;
  /** Port of the first host, in order of name; the next ones follow. Default 0: free ports. */
  readonly basePort?: number;
}

/** Stand-ins that answer. */
export interface RunningFleet {
  /** The rewritten tree, absolute. */
  readonly treeDir: string;
  /** Stand-in (`127.0.0.1:5001`) by host of the tree. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly edges: number;
  readonly present: number;
  readonly sources: number;
  readonly destinations: number;
  /** Requests so far. */
  readonly total: number;
  /** Most requests that were under way at one time. */
  readonly peakInFlight: number;
  /** From the first request's arrival to the last answer, milliseconds; 0 before the first. */
  readonly spanMs: number;
  /** Requests by host of the tree, then by `METHOD path`. */
  requestCounts(): Record<string, Record<string, number>>;
  clearRequests(): void;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 60_000;

/** Starts one in-memory server per registry host of the tree. Errors: `DEVSTACK_TREE_INVALID`, `DEVSTACK_PORT_TAKEN`. */
export async function startFleet(options: FleetOptions): Promise<RunningFleet> {
  const state = fleetState(readTree(options.treeDir), options.promotedShare ?? 0.95);
  const counter = new RequestCounter();
  const servers: Server[] = [];
  const hosts: Record<string, string> = {};
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(closeServer));
  };
  const listing = options.listing ?? 'google';
  const hasReferrers = options.hasReferrers ?? listing === 'google';
  try {
    for (const [host, repositories] of byHost(state)) {
      const answers = new FleetAnswers(repositories, { listing, hasReferrers });
      const server = createServer({ noDelay: true, keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
        counter.begin(host, request);
        respond({ request, response, answers, counter, latencyMs: options.latencyMs ?? 0 });
      });
      const port = options.basePort ? options.basePort + servers.length : 0;
      hosts[host] = `127.0.0.1:${await listen(server, { port, host: '127.0.0.1' })}`;
      servers.push(server);
    }
    rewriteTree({ treeDir: options.treeDir, outDir: options.outDir, hosts, listing });
  } catch (error) {
    await close();
    throw error;
  }
  return describe({ state, counter, hosts, close, treeDir: resolve(options.outDir) });
}

function byHost({ repositories }: FleetState): [string, Map<string, FleetRepository>][] {
  const hosts = new Map<string, Map<string, FleetRepository>>();
  for (const [name, repository] of repositories) {
    const slash = name.indexOf('/');
    const host = hosts.get(name.slice(0, slash)) ?? new Map<string, FleetRepository>();
    hosts.set(name.slice(0, slash), host.set(name.slice(slash + 1), repository));
  }
  return [...hosts].sort(([a], [b]) => (a < b ? -1 : 1));
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answers: FleetAnswers;
  readonly counter: RequestCounter;
  readonly latencyMs: number;
}

function respond({ request, response, answers, counter, latencyMs }: Call): void {
  const send = (): void => {
    const { status, headers, body } = answers.answer(request.method ?? 'GET', request.url ?? '/');
    response.writeHead(status, headers);
    response.end(request.method === 'HEAD' ? undefined : body);
    counter.end();
  };
  request.resume();
  if (latencyMs === 0) send();
  else setTimeout(send, latencyMs).unref();
}

class RequestCounter {
  total = 0;
  peakInFlight = 0;
  byHost: Record<string, Record<string, number>> = {};
  #inFlight = 0;
  #firstMs = 0;
  #lastMs = 0;

  get spanMs(): number {
    return Math.max(0, this.#lastMs - this.#firstMs);
  }

  begin(host: string, request: IncomingMessage): void {
    const key = `${request.method ?? 'GET'} ${request.url ?? '/'}`;
    const counts = (this.byHost[host] ??= {});
    counts[key] = (counts[key] ?? 0) + 1;
    if (this.total === 0) this.#firstMs = performance.now();
    this.total += 1;
    this.#inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.#inFlight);
  }

  end(): void {
    this.#inFlight -= 1;
    this.#lastMs = performance.now();
  }

  clear(): void {
    this.total = this.peakInFlight = 0;
    this.#firstMs = this.#lastMs = 0;
    this.byHost = {};
  }
}

interface Parts {
  readonly state: FleetState;
  readonly counter: RequestCounter;
  readonly hosts: Readonly<Record<string, string>>;
  readonly treeDir: string;
  readonly close: () => Promise<void>;
}

function describe({ state, counter, ...place }: Parts): RunningFleet {
  const { edges, present, sources, destinations } = state;
  return {
    ...place,
    edges,
    present,
    sources,
    destinations,
    get total() {
      return counter.total;
    },
    get peakInFlight() {
      return counter.peakInFlight;
    },
    get spanMs() {
      return counter.spanMs;
    },
    requestCounts: () => structuredClone(counter.byHost),
    clearRequests: () => counter.clear(),
  };
}
