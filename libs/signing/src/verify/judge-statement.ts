// SPDX-License-Identifier: Apache-2.0
import type { EvidencePiece } from '../evidence.ts';
import type { Examination } from '../examination.ts';
import type { StatementExpectation } from '../examiner.ts';
import type { Verdict } from '../verdict.ts';
import { judgePiece, notAsked } from './judge-piece.ts';
import { refuse } from './refusal.ts';
import { checkStatement } from './statement-checks.ts';

/**
 * Judges an attestation (bundle or `.att` layer) of one of the expected predicate types. The type is the signed one:
 * evidence of another type is `absent`, or `STMT_TYPE` where an annotation passes it off as an expected one.
 */
export function judgeStatement(examination: Examination, expectation: StatementExpectation): Verdict {
  const { predicateTypes } = expectation;
  const { piece, predicateType } = examination;
  if (piece.layout === 'sig') return notAsked(examination, 'it is no attestation');
  const claimed = [predicateType, annotatedType(piece)].filter((type) => type !== null);
  if (claimed.length > 0 && !claimed.some((type) => predicateTypes.includes(type)))
    return notAsked(examination, `it is a ${claimed.join(' or ')}`);
  return judgePiece(examination, expectation, ({ statement }) => {
    if (statement === null) return { type: refuse('SIG_FORMAT', 'it has no content'), subject: null, rest: null };
    const isExpected = predicateTypes.includes(statement.predicateType);
    const type = isExpected ? null : refuse('STMT_TYPE', `what is signed is a ${statement.predicateType}`);
    return { type, ...checkStatement(statement, expectation) };
  });
}

function annotatedType(piece: EvidencePiece): string | null {
  if (piece.layout === 'bundle') return piece.annotatedType;
  return piece.annotations['predicateType'] ?? null;
}
