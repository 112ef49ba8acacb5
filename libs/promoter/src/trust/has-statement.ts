// SPDX-License-Identifier: Apache-2.0
import type { StatementTarget } from '@promograph/provenance';
import { type Examination, type ExpectedSigner, judgeStatement, type Statement } from '@promograph/signing';

/** A statement of ours that is looked for. */
export interface StatementSearch {
  readonly subject: StatementTarget;
  readonly signers: readonly ExpectedSigner[];
  readonly predicateType: string;
  readonly isOurs: (statement: Statement) => boolean;
}

/** Whether a verified statement of ours says it already: found by verifying, never by an annotation. */
export function hasStatement(examinations: readonly Examination[], search: StatementSearch): boolean {
  const { subject, signers, predicateType, isOurs } = search;
  const { digest, reference } = subject;
  const expectation = { subject: digest, signers, reference, predicateTypes: [predicateType] };
  return examinations.some(
    (examination) =>
      judgeStatement(examination, expectation).kind === 'verified' &&
      examination.statement !== null &&
      isOurs(examination.statement),
  );
}
