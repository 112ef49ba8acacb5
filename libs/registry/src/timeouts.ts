// SPDX-License-Identifier: Apache-2.0

/** Limits of waiting, milliseconds. Each counts anew whenever something moves. */
export interface Timeouts {
  /** TCP and TLS. Default 10 s. */
  readonly connectMs: number;
  /** From the end of a request to the first byte of its answer. Default 30 s. */
  readonly headersMs: number;
  /** Between two pieces of a body. Default 30 s: the only cure for a stalled download. */
  readonly bodyIdleMs: number;
  /** From the last byte of an upload to its answer: registries hash and move the blob then. Default 5 min. */
  readonly uploadAnswerMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  headersMs: 30_000,
  bodyIdleMs: 30_000,
  uploadAnswerMs: 300_000,
};
