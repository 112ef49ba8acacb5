// SPDX-License-Identifier: Apache-2.0
import type { SigstoreFaultHook } from './sigstore-fault.ts';

/** The services by the names that latencies, counts and faults use. */
export type SigstoreService = 'oidc' | 'fulcio' | 'rekorV1' | 'rekorV2' | 'tsa' | 'tuf';

/** Milliseconds before a service works on a request. Default 0 each. */
export interface SigstoreLatency {
  readonly oidcMs?: number;
  readonly fulcioMs?: number;
  readonly rekorV1Ms?: number;
  readonly rekorV2Ms?: number;
  readonly tsaMs?: number;
}

/** How a local sigstore starts; every field has a default. */
export interface SigstoreOptions {
  /** Port on 127.0.0.1. Default 0: a free one. */
  readonly port?: number;
  /** Where trust files and TUF repository are written. Default: a temporary directory, removed at the end. */
  readonly dir?: string;
  /** Life of Fulcio's certificates. Default 600,000: ten minutes, as the public one gives. */
  readonly certificateLifetimeMs?: number;
  readonly latency?: SigstoreLatency;
  /** Decides what goes wrong with a request. */
  readonly onRequest?: SigstoreFaultHook;
  /** Issuers besides the sigstore's own URL that Fulcio takes tokens of; all are signed by the one key. */
  readonly issuers?: readonly string[];
  /** Milliseconds since 1970, for all services. Default: the machine's clock. */
  readonly now?: () => number;
}
