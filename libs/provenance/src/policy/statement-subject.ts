// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestAlgorithm, digestHex } from '@promograph/oci';
import type { Statement } from '@promograph/signing';

const STATEMENT_TYPES = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'];

/** Whether `statement` is an in-toto statement with `digest` among its subjects. */
export function isAbout(statement: Statement, digest: Digest): boolean {
  if (!STATEMENT_TYPES.includes(statement._type)) return false;
  const algorithm = digestAlgorithm(digest);
  return statement.subject.some((subject) => subject.digest[algorithm] === digestHex(digest));
}
