// SPDX-License-Identifier: Apache-2.0
import type { Evidence } from '../evidence.ts';
import type { Examination } from '../examination.ts';
import type { SignatureExpectation } from '../examiner.ts';
import type { ImageVerdict, Verdict, VerdictKind } from '../verdict.ts';
import { isSignaturePiece, judgeSignature } from './judge-signature.ts';

const RANKS: Readonly<Record<VerdictKind, number>> = {
  absent: 0,
  unverifiable: 1,
  untrusted: 2,
  verified: 4,
  failed: 5,
};

/** One of ours about this very image, under another name or with other annotations: true, but not what is asked. */
const RANK_OF_BESIDE_THE_POINT = 3;

/**
 * Judges whether an image is signed: of all signatures among `evidence` the highest decides, absent < unverifiable <
 * untrusted < verified < failed. Examinations of other evidence, such as that of an index's children, do not count.
 * More evidence than the limits let in is a failure, since what was not read could matter.
 */
export function judgeImage(
  examinations: readonly Examination[],
  evidence: Evidence,
  expectation: SignatureExpectation,
): ImageVerdict {
  const isAboutSubject = evidence.subject === expectation.subject;
  const pieces = examinations
    .filter((one) => isAboutSubject && evidence.pieces.includes(one.piece) && isSignaturePiece(one))
    .map((one) => judgeSignature(one, expectation));
  const none: Verdict = { kind: 'absent', code: null, message: '', signer: null, place: null };
  const highest = pieces.reduce((best, one) => (rankOf(one) > rankOf(best) ? one : best), none);
  if (evidence.excess === null) return { ...highest, pieces };
  return { ...none, kind: 'failed', code: 'EVIDENCE_LIMIT', message: evidence.excess, pieces };
}

function rankOf({ kind, code }: Verdict): number {
  return code === 'SIG_REFERENCE' || code === 'SIG_ANNOTATION' ? RANK_OF_BESIDE_THE_POINT : RANKS[kind];
}
