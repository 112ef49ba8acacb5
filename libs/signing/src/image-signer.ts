// SPDX-License-Identifier: Apache-2.0
import type { LogReference } from './examination.ts';

/** A signed simple signing payload, ready to be a layer of a `.sig` image. */
export interface SignedPayload {
  readonly bytes: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
  readonly log: LogReference | null;
}

/** A signed statement as a sigstore bundle v0.3. */
export interface SignedStatement {
  /** JSON bytes of the bundle. */
  readonly bundle: Buffer;
  readonly log: LogReference | null;
}

/** What the services were asked for so far. */
export interface SignerCounts {
  readonly tokens: number;
  readonly certificates: number;
  readonly logEntries: number;
  readonly timestamps: number;
}

/**
 * Signs as one configured identity, or with one key. Everything it returns has been verified against the trusted root
 * already. Fails with `SigningError`; no error ever holds a token.
 */
export interface ImageSigner {
  /** Whether the `.sig` layout can be written: not with a Rekor v2 log. */
  readonly canSignPayloads: boolean;
  /** Gets token and certificate, or reads the key: what would fail later fails now. */
  prepare(signal?: AbortSignal): Promise<void>;
  signPayload(payload: Buffer, signal?: AbortSignal): Promise<SignedPayload>;
  signStatement(statement: Buffer, signal?: AbortSignal): Promise<SignedStatement>;
  counts(): SignerCounts;
  close(): Promise<void>;
}
