// SPDX-License-Identifier: Apache-2.0
import type { SignerPrincipal } from './expected-signer.ts';
import type { EvidencePiece } from './evidence.ts';
import type { Statement } from './statement.ts';
import type { EvidencePlace, VerdictCode } from './verdict.ts';

/** Entry of a transparency log that a piece carries. */
export interface LogReference {
  /** Hexadecimal key id of the log. */
  readonly logId: string;
  readonly logIndex: number;
}

/** The simple signing payload of a `.sig` layer. */
export interface SimpleSigningPayload {
  readonly dockerReference: string;
  readonly digest: string;
  readonly optional: Readonly<Record<string, unknown>>;
}

/**
 * What cryptography says of one piece, before anybody asks who should have signed it or what it should speak of:
 * signature, certificate chain, log entry (bound to the certificate, the signature and the content) and time.
 */
export interface Examination {
  readonly piece: EvidencePiece;
  readonly place: EvidencePlace;
  /** `unverifiable`: no key or trusted root at hand knows it. `failed`: the trust at hand contradicts it. */
  readonly status: 'verified' | 'unverifiable' | 'failed';
  readonly code: VerdictCode | null;
  readonly message: string;
  /** Proven when `status` is verified; else what the certificate claims, or null. */
  readonly signer: SignerPrincipal | null;
  /** The signed content, parsed: exactly one of the two when `status` is verified, else both null. */
  readonly payload: SimpleSigningPayload | null;
  readonly statement: Statement | null;
  /** Predicate type that the content of an envelope states, proven or not; null where it states none. */
  readonly predicateType: string | null;
  readonly log: LogReference | null;
}
