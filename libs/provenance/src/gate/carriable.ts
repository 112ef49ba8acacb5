// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import { type BundleReferrer, type EvidencePlace, type Examination, SIGN_PREDICATE_TYPE } from '@promograph/signing';
import type { PolicyResult } from '../policy/policy-result.ts';
import { PROMOTION_PREDICATE_TYPE } from '../statements/promotion-record.ts';
import { SUMMARY_PREDICATE_TYPE } from '../statements/verification-summary.ts';
import { referrerProblem } from './referrer-problem.ts';

/** What may be carried to the canonical repository, and what the policies accepted and yet may not. */
export interface Carriable {
  /** Referrers as they were read and verified, to be written byte for byte; sorted by digest. */
  readonly referrers: readonly BundleReferrer[];
  readonly skipped: readonly { readonly place: EvidencePlace; readonly reason: string }[];
}

/** The evidence attached to one digest, and what all its policies said of it. */
export interface CarryInput {
  readonly digest: Digest;
  readonly examinations: readonly Examination[];
  readonly results: readonly PolicyResult[];
  /** Predicate type of our own promotion records. */
  readonly recordType?: string;
}

/**
 * Attestations that go along with the digest: verified bundle referrers attached to it that every policy accepted, all
 * policies satisfied. Signatures, promotion records and summaries are statements of whoever promotes, and never carried.
 */
export function carriable(input: CarryInput): Carriable {
  const { results, digest } = input;
  if (results.length === 0 || results.some((result) => !result.isSatisfied)) return { referrers: [], skipped: [] };
  const own = [SIGN_PREDICATE_TYPE, SUMMARY_PREDICATE_TYPE, PROMOTION_PREDICATE_TYPE, input.recordType];
  const referrers = new Map<string, BundleReferrer>();
  const skipped: { place: EvidencePlace; reason: string }[] = [];
  for (const examination of input.examinations) {
    const { piece, place, statement, status } = examination;
    if (piece.layout !== 'bundle' || status !== 'verified' || statement === null) continue;
    if (own.includes(statement.predicateType)) continue;
    if (!results.every((result) => isAcceptedBy(result, place, digest))) continue;
    const reason = referrerProblem(piece, digest, statement.predicateType);
    if (reason === null) referrers.set(piece.manifest, piece);
    else skipped.push({ place, reason });
  }
  return {
    referrers: [...referrers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, referrer]) => referrer),
    skipped: skipped.sort((a, b) => (a.place.location < b.place.location ? -1 : 1)),
  };
}

function isAcceptedBy({ accepted }: PolicyResult, { location, layer }: EvidencePlace, digest: Digest): boolean {
  return accepted.some((one) => one.location === location && one.layer === layer && one.attachedTo === digest);
}
