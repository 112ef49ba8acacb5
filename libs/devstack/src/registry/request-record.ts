// SPDX-License-Identifier: Apache-2.0

/** Which scheme the Authorization header had. */
export type AuthorizationKind = 'none' | 'basic' | 'bearer';

/** One request as the registry saw it; complete once `finished`. */
export interface RequestRecord {
  readonly method: string;
  /** Path with the query, as sent. */
  readonly path: string;
  /** The Host header. */
  readonly host: string;
  readonly authorization: AuthorizationKind;
  /** When it came: milliseconds since the epoch by the registry's clock. */
  readonly atMs: number;
  /** 0 until answered; stays 0 when the connection was reset without an answer. */
  readonly status: number;
  /** Body bytes read from the client. */
  readonly bytesIn: number;
  /** Body bytes written to the client. */
  readonly bytesOut: number;
  readonly finished: boolean;
}

/** Sums over all requests since start or `clearRequests`, kept even when no records are. */
export interface RequestCounts {
  readonly total: number;
  /** By `METHOD kind`, such as `HEAD manifest`. */
  readonly byKind: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Connections accepted. */
  readonly connections: number;
}
