// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { Examination } from '../examination.ts';
import type { SignatureExpectation } from '../examiner.ts';
import type { Verdict } from '../verdict.ts';
import { judgeStatement } from './judge-statement.ts';

/** Predicate type of a verification summary (https://slsa.dev/spec/v1.0/verification_summary). */
export const SUMMARY_PREDICATE_TYPE = 'https://slsa.dev/verification_summary/v1';

/** What a verification summary must be to count. */
export interface SummaryExpectation extends SignatureExpectation {
  readonly resourceUri: string;
  readonly verifierId: string;
}

const summary = z.object({
  verifier: z.object({ id: z.string() }),
  resourceUri: z.string(),
  verificationResult: z.string(),
});

/**
 * Judges a verification summary: signed by an expected signer, about this digest and resource, by this verifier
 * (another's is `absent`), and `PASSED`; anything but that is `VSA_FAILED`.
 */
export function judgeSummary(examination: Examination, expectation: SummaryExpectation): Verdict {
  const verdict = judgeStatement(examination, { ...expectation, predicateTypes: [SUMMARY_PREDICATE_TYPE] });
  if (verdict.kind !== 'verified') return verdict;
  const parsed = summary.safeParse(examination.statement?.predicate);
  if (!parsed.success) return fail(verdict, 'SIG_FORMAT', 'it is no verification summary');
  const { verifier, resourceUri, verificationResult } = parsed.data;
  if (verifier.id !== expectation.verifierId)
    return { ...verdict, kind: 'absent', message: `it is the summary of another verifier, ${verifier.id}` };
  if (verificationResult !== 'PASSED')
    return fail(verdict, 'VSA_FAILED', `the verification summary says ${verificationResult}`);
  if (resourceUri !== expectation.resourceUri)
    return fail(verdict, 'SIG_REFERENCE', `the verification summary is for ${resourceUri}`);
  return verdict;
}

function fail(verdict: Verdict, code: NonNullable<Verdict['code']>, message: string): Verdict {
  return { ...verdict, kind: 'failed', code, message };
}
