// SPDX-License-Identifier: Apache-2.0

/** Classes of requests that registries count apart. */
export type ActionClass = 'read' | 'head' | 'list' | 'token' | 'upload' | 'manifestWrite';

/** Whom a request is counted against: a registry host (with port) and what it does there. */
export interface LimiterKey {
  readonly host: string;
  readonly action: ActionClass;
  /** Whose login it is, for hosts that count each by itself; never the secret. Default: nobody's. */
  readonly account?: string;
}

/** Order in which waiting requests go: commits finish what others began, scans come last. */
export type Priority = 'commit' | 'manifest' | 'upload' | 'scan';

export interface AcquireOptions {
  readonly signal?: AbortSignal;
  /** Default `scan`. */
  readonly priority?: Priority;
}

declare const grantBrand: unique symbol;

/** Leave for exactly one request. Only a `Limiter` makes one, so code that needs a grant cannot forget to ask. */
export interface Grant {
  readonly [grantBrand]: true;
  readonly key: LimiterKey;
  /** How long the request had to wait, milliseconds. */
  readonly waitedMs: number;
}

/** What became of a granted request; `retryAfterMs` is the host's own wish, already parsed. */
export interface Outcome {
  readonly status: number | null;
  readonly retryAfterMs?: number;
  /** The host said in a header that its limit is near or reached. */
  readonly isSlowDown?: boolean;
}

/** The budget of requests per registry host. Every request of the project passes it, sign and attest included. */
export interface Limiter {
  /** Resolves when the request may leave; rejects with the signal's reason when it is cancelled while waiting. */
  acquire(key: LimiterKey, options?: AcquireOptions): Promise<Grant>;
  /** Tells what the host answered; 429 and Retry-After slow down that host, and only that host. */
  report(key: LimiterKey, outcome: Outcome): void;
}

/** Makes the value that proves a grant. For limiters only. */
export function makeGrant(key: LimiterKey, waitedMs: number): Grant {
  return { key, waitedMs } as Grant;
}
