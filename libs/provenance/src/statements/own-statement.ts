// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestAlgorithm, digestHex } from '@promograph/oci';
import type { Statement } from '@promograph/signing';
import { isAbout } from '../policy/statement-subject.ts';

/** What a statement of ours speaks of: the name that users pull, without tag, and the digest. */
export interface StatementTarget {
  readonly reference: string;
  readonly digest: Digest;
}

/** The digest as in-toto writes digests: by algorithm. */
export function digestSet(digest: Digest): Readonly<Record<string, string>> {
  return { [digestAlgorithm(digest)]: digestHex(digest) };
}

/** A statement v1 with `target` as its one subject, named by the reference. */
export function ownStatement(target: StatementTarget, predicateType: string, predicate: unknown): Statement {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: target.reference, digest: digestSet(target.digest) }],
    predicateType,
    predicate,
  };
}

/** Whether `statement` has exactly one subject, and that is `target` by name and digest. */
export function isOwnStatement(statement: Statement, target: StatementTarget): boolean {
  if (statement.subject.length !== 1 || statement.subject[0]?.name !== target.reference) return false;
  return isAbout(statement, target.digest);
}
