// SPDX-License-Identifier: Apache-2.0
import type { Statement } from '@promograph/signing';

/** The bytes of a statement that are signed: JSON without white space, keys in the order of the statement's parts. */
export function printStatement(statement: Statement): Buffer {
  const { _type, subject, predicateType, predicate } = statement;
  return Buffer.from(JSON.stringify({ _type, subject, predicateType, predicate }), 'utf8');
}
