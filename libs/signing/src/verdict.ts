// SPDX-License-Identifier: Apache-2.0
import type { SignerPrincipal } from './expected-signer.ts';

/**
 * What is known of a signature or attestation. `absent`: there is none. `untrusted`: it verifies, but another signed it.
 * `unverifiable`: it cannot be checked with the trust at hand and claims none of our signers. `failed`: it claims one of our
 * signers, or speaks in a trusted name, and is wrong. Only `verified` counts as a signature.
 */
export type VerdictKind = 'verified' | 'absent' | 'untrusted' | 'unverifiable' | 'failed';

/** Why something is not `verified`, one code for each kind of attack. */
export type VerdictCode =
  | 'SIG_FORMAT'
  | 'SIG_CRYPTO'
  | 'SIG_PAYLOAD_DIGEST'
  | 'SIG_REFERENCE'
  | 'SIG_ANNOTATION'
  | 'SIG_IDENTITY'
  | 'SIG_ISSUER'
  | 'SIG_KEY'
  | 'SIG_LOG_KEY'
  | 'SIG_LOG_BODY'
  | 'SIG_TIME'
  | 'SIG_CHAIN'
  | 'DSSE_SIGNATURES'
  | 'STMT_TYPE'
  | 'STMT_SUBJECT'
  | 'VSA_FAILED'
  | 'EVIDENCE_LIMIT';

/** Where a piece of evidence lies. */
export interface EvidencePlace {
  readonly layout: 'sig' | 'att' | 'bundle';
  /** `host/path@digest` of the manifest that holds it. */
  readonly location: string;
  /** Digest of the layer with the signature, envelope or bundle. */
  readonly layer: string;
}

/** What is known of one piece of evidence. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** Null exactly when verified or absent. */
  readonly code: VerdictCode | null;
  /** One sentence for people; empty when verified. */
  readonly message: string;
  /** Who signed; proven when verified or untrusted, else what the evidence claims, or null. */
  readonly signer: SignerPrincipal | null;
  readonly place: EvidencePlace | null;
}

/** What all evidence on one digest comes to: the verdict that decides, and each piece's own. */
export interface ImageVerdict extends Verdict {
  readonly pieces: readonly Verdict[];
}
