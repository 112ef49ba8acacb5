// SPDX-License-Identifier: Apache-2.0
import type { Examination } from '../examination.ts';
import type { SignatureExpectation } from '../examiner.ts';
import type { ExpectedSigner } from '../expected-signer.ts';
import type { Verdict, VerdictCode } from '../verdict.ts';
import { matchesSigner, signerMismatch } from './matches-signer.ts';
import { type Refusal, refuse } from './refusal.ts';

/** What the content of a verified piece is checked for, each null where it is right. */
export interface ContentChecks {
  /** Whether it is of the kind that was asked for. */
  readonly type: Refusal | null;
  readonly subject: Refusal | null;
  /** What is asked beyond the subject: reference, annotations. */
  readonly rest: Refusal | null;
}

/**
 * Judges one piece: wrong material and wrong content are failures only in the name of an expected signer, so that
 * nobody else can stop a release; what a stranger signed about this digest is untrusted, about another it is nothing.
 */
export function judgePiece(
  examination: Examination,
  { signers }: SignatureExpectation,
  check: (examination: Examination) => ContentChecks,
): Verdict {
  const { status, code, message, signer, place } = examination;
  const verdict = { signer, place };
  if (code === 'EVIDENCE_LIMIT') return { ...verdict, kind: 'failed', code, message };
  const isOurs = signers.some((expected) => matchesSigner(signer, expected));
  if (status !== 'verified')
    return { ...verdict, kind: isOurs ? 'failed' : 'unverifiable', code: code ?? 'SIG_FORMAT', message };
  const { type, subject, rest } = check(examination);
  if (isOurs) {
    const refusal = type ?? subject ?? rest;
    if (refusal === null) return { ...verdict, kind: 'verified', code: null, message: '' };
    return { ...verdict, kind: 'failed', code: refusal.code, message: refusal.message };
  }
  if (subject !== null) return { ...verdict, kind: 'absent', code: null, message: subject.message };
  const refusal = type ?? refuse(strangerCode(examination, signers), 'it verifies, but another signed it');
  return { ...verdict, kind: 'untrusted', code: refusal.code, message: refusal.message };
}

/** A verdict on evidence that is none of what was asked for. */
export function notAsked({ signer, place }: Examination, message: string): Verdict {
  return { kind: 'absent', code: null, message, signer, place };
}

/** The nearest miss: an expected subject from another issuer is told from another subject. */
function strangerCode({ signer }: Examination, signers: readonly ExpectedSigner[]): VerdictCode {
  const codes = signers.map((expected) => signerMismatch(signer, expected));
  if (codes.includes('SIG_ISSUER')) return 'SIG_ISSUER';
  return signer?.kind === 'key' ? 'SIG_KEY' : 'SIG_IDENTITY';
}
