// SPDX-License-Identifier: Apache-2.0
import { SIGN_PREDICATE_TYPE, type Statement } from '@promograph/signing';
import { ownStatement, type StatementTarget } from './own-statement.ts';

/** What an image signature as a bundle says. */
export interface SignStatementInput extends StatementTarget {
  /** Annotations of the subject, as `cosign sign -a` writes them. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * The statement of an image signature in the layout of cosign 3. Its subject is named by the reference, so that the signature
 * can be told from one that was made for another repository; cosign itself does not look.
 */
export function signStatement(input: SignStatementInput): Statement {
  const { annotations = {} } = input;
  const statement = ownStatement(input, SIGN_PREDICATE_TYPE, {});
  if (Object.keys(annotations).length === 0) return statement;
  const sorted = Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...statement, subject: statement.subject.map((subject) => ({ ...subject, annotations: sorted })) };
}
