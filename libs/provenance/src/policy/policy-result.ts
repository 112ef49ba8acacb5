// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { EvidencePlace, Examination } from '@promograph/signing';

/** Evidence on one digest: what was found attached to it, examined. */
export interface DigestEvidence {
  readonly digest: Digest;
  readonly examinations: readonly Examination[];
}

/** Evidence on an image or index, and on the platform images directly below an index. */
export interface ImageEvidence extends DigestEvidence {
  readonly children: readonly DigestEvidence[];
}

/** Why a policy is not satisfied, one code for each kind of reason. */
export type PolicyViolationCode =
  | 'PROVENANCE_ABSENT'
  | 'PROVENANCE_SIGNATURE'
  | 'PROVENANCE_SIGNER'
  | 'PROVENANCE_SUBJECT'
  | 'PROVENANCE_MALFORMED'
  | 'PROVENANCE_BUILDER'
  | 'PROVENANCE_BINDING'
  | 'PROVENANCE_SOURCE'
  | 'PROVENANCE_INCOMPLETE'
  | 'PROVENANCE_CALLER'
  | 'PROVENANCE_LEVEL'
  | 'PREDICATE_ABSENT'
  | 'EVIDENCE_LIMIT'
  | 'EVIDENCE_UNREADABLE';

/** One reason, with the evidence that it speaks of where there is one. */
export interface PolicyViolation {
  readonly code: PolicyViolationCode;
  /** One sentence for people; names the control where a control failed. */
  readonly message: string;
  readonly digest: Digest;
  readonly place: EvidencePlace | null;
}

/** SLSA build level; 0 where none was verified. */
export type BuildLevel = 0 | 1 | 2 | 3;

/** An attestation that a policy trusts. */
export interface AcceptedEvidence extends EvidencePlace {
  /** The digest that it is attached to. */
  readonly attachedTo: Digest;
  readonly predicateType: string;
  /** Digest of the signed statement; null where the layer is not an envelope or bundle that can be read again. */
  readonly payload: Digest | null;
}

/** What one policy says of one digest. Does not depend on the order of the evidence. */
export interface PolicyResult {
  readonly isSatisfied: boolean;
  /** Highest verified level, at most `ceiling`; through platform images the lowest of theirs. */
  readonly level: BuildLevel;
  /** Lowest level of the builders that the signer of the counted provenance may claim; 0 where none counts. */
  readonly ceiling: BuildLevel;
  /** The provenance that sets the level; null without one, or through platform images. */
  readonly provenance: EvidencePlace | null;
  /** An index without provenance of its own, satisfied because all its platform images are. */
  readonly isThroughChildren: boolean;
  /** Empty exactly when satisfied. */
  readonly violations: readonly PolicyViolation[];
  /** Evidence that the policy trusts about this digest; build provenance only where it passed. */
  readonly accepted: readonly AcceptedEvidence[];
  /** Results of the platform images of an index, each on its own evidence. */
  readonly children: readonly { readonly digest: Digest; readonly result: PolicyResult }[];
}
