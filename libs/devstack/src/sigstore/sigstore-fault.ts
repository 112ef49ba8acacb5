// SPDX-License-Identifier: Apache-2.0
import type { RequestFault } from '../request-fault.ts';
import type { SigstoreService } from './sigstore-options.ts';

/** One thing that goes wrong with one request. */
export type SigstoreFault =
  | RequestFault
  /** Never answers; the request has no effect. */
  | { readonly kind: 'hang' }
  /** Does the work and answers something else in place of the body. */
  | { readonly kind: 'rewrite'; readonly rewrite: (body: Buffer) => Buffer | string };

/** What a fault hook sees of a request. */
export interface SigstoreRequest {
  /** Counts from 1 since the sigstore started. */
  readonly sequence: number;
  readonly service: SigstoreService;
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

/** Decides what goes wrong with a request; nothing when it answers undefined. */
export type SigstoreFaultHook = (
  request: SigstoreRequest,
) => SigstoreFault | undefined | Promise<SigstoreFault | undefined>;
