// SPDX-License-Identifier: Apache-2.0
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestFault } from '../request-fault.ts';
import type { Route } from './parse-route.ts';
import type { AuthorizationKind } from './request-record.ts';

/** One thing that goes wrong with one request. Byte counts are of the body alone. */
export type Fault =
  | RequestFault
  /** Announces the whole answer, sends `bytes` of it, ends the connection. */
  | { readonly kind: 'truncate-body'; readonly bytes: number }
  /** Flips the bits of the answer's byte at `atByte`; lengths stay right. */
  | { readonly kind: 'corrupt-body'; readonly atByte: number }
  /** Sends `bytes` of the answer, then nothing: for `ms`, or until the connection ends. */
  | { readonly kind: 'stall-body'; readonly bytes: number; readonly ms?: number }
  /** Reads `bytes` of the request's body, then resets. */
  | { readonly kind: 'cut-upload'; readonly bytes: number }
  /** Body bytes per second, in both directions. */
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** Leaves a header out of the answer. */
  | { readonly kind: 'omit-header'; readonly name: string };

/** What a fault hook sees of a request, before authentication and rate cap. */
export interface RegistryRequest {
  /** Counts from 1 since the registry started. */
  readonly sequence: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly authorization: AuthorizationKind;
  readonly route: Route;
}

/** Decides what goes wrong with a request; nothing when it answers undefined. */
export type FaultHook = (request: RegistryRequest) => Fault | undefined | Promise<Fault | undefined>;
