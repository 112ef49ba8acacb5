// SPDX-License-Identifier: Apache-2.0
import type { Examination, SimpleSigningPayload } from '../examination.ts';
import type { SignatureExpectation } from '../examiner.ts';
import { SIGN_PREDICATE_TYPE } from '../statement.ts';
import type { Verdict } from '../verdict.ts';
import { type ContentChecks, judgePiece, notAsked } from './judge-piece.ts';
import { type Refusal, refuse } from './refusal.ts';
import { checkStatement, refuseAnnotations, refuseReference } from './statement-checks.ts';

/** Whether a piece is a signature of an image, or passes itself off as one: other statements are no signatures. */
export function isSignaturePiece({ piece, predicateType }: Examination): boolean {
  if (piece.layout !== 'bundle') return piece.layout === 'sig';
  return predicateType === SIGN_PREDICATE_TYPE || piece.annotatedType === SIGN_PREDICATE_TYPE;
}

/**
 * Judges a `.sig` layer or `sign/v1` bundle as a signature of an image. Any other evidence is `absent`, whoever signed
 * it: that cosign counts each bundle as a signature is not followed. `STMT_TYPE` where only the annotation says so.
 */
export function judgeSignature(examination: Examination, expectation: SignatureExpectation): Verdict {
  if (!isSignaturePiece(examination)) return notAsked(examination, 'it is no signature of an image');
  return judgePiece(examination, expectation, ({ payload, statement }) => {
    if (payload !== null) return checkPayload(payload, expectation);
    if (statement === null) return { type: refuse('SIG_FORMAT', 'it has no content'), subject: null, rest: null };
    const isSignature = statement.predicateType === SIGN_PREDICATE_TYPE;
    const type = isSignature ? null : refuse('STMT_TYPE', `what is signed is a ${statement.predicateType}`);
    return { type, ...checkStatement(statement, expectation) };
  });
}

function checkPayload(payload: SimpleSigningPayload, expectation: SignatureExpectation): ContentChecks {
  const { subject, reference } = expectation;
  const isAbout = payload.digest === subject;
  return {
    type: null,
    subject: isAbout ? null : refuse('SIG_PAYLOAD_DIGEST', `it signs ${payload.digest}, not ${subject}`),
    rest:
      reference === null || payload.dockerReference === reference
        ? checkOptional(payload, expectation)
        : refuseReference(payload.dockerReference, reference),
  };
}

function checkOptional({ optional }: SimpleSigningPayload, { annotations = {} }: SignatureExpectation): Refusal | null {
  return Object.entries(annotations).every(([name, value]) => optional[name] === value) ? null : refuseAnnotations();
}
