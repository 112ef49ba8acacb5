// SPDX-License-Identifier: Apache-2.0
import { digestAlgorithm, digestHex } from '@promograph/oci';
import type { SignatureExpectation } from '../examiner.ts';
import type { Statement, StatementSubject } from '../statement.ts';
import type { ContentChecks } from './judge-piece.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Checks whether a statement is about the expected digest, under the expected name, with the expected annotations. */
export function checkStatement(
  statement: Statement,
  { subject, reference, annotations = {} }: SignatureExpectation,
): Omit<ContentChecks, 'type'> {
  const about = statement.subject.filter((one) => one.digest[digestAlgorithm(subject)] === digestHex(subject));
  if (about.length === 0)
    return { subject: refuse('STMT_SUBJECT', `the statement is not about ${subject}`), rest: null };
  const named = reference === null ? about : about.filter(({ name }) => name === reference);
  if (named.length === 0) return { subject: null, rest: refuseReference(about[0]?.name, reference) };
  return { subject: null, rest: named.some((one) => holds(one, annotations)) ? null : refuseAnnotations() };
}

/** The signature is for another name of the image. */
export function refuseReference(found: string | undefined, reference: string | null): Refusal {
  return refuse('SIG_REFERENCE', `it is for ${found ?? 'no name'}, not for ${reference ?? 'any'}`);
}

/** The signature does not say what is asked of it. */
export function refuseAnnotations(): Refusal {
  return refuse('SIG_ANNOTATION', 'an expected annotation is missing or differs');
}

function holds(subject: StatementSubject, annotations: Readonly<Record<string, string>>): boolean {
  return Object.entries(annotations).every(([name, value]) => subject.annotations?.[name] === value);
}
