// SPDX-License-Identifier: Apache-2.0

/** Subject of an in-toto statement. */
export interface StatementSubject {
  readonly name?: string;
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An in-toto statement, v1 or v0.1 (https://in-toto.io/Statement/v1). */
export interface Statement {
  readonly _type: string;
  readonly subject: readonly StatementSubject[];
  readonly predicateType: string;
  readonly predicate: unknown;
}

/** Predicate type of an image signature in the layout of cosign 3. */
export const SIGN_PREDICATE_TYPE = 'https://sigstore.dev/cosign/sign/v1';

/** Payload type of a DSSE envelope that holds a statement. */
export const STATEMENT_PAYLOAD_TYPE = 'application/vnd.in-toto+json';
