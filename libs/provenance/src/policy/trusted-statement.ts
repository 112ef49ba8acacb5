// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';
import type { Examination, SignerPrincipal, Statement } from '@promograph/signing';
import { matchedSigners, printPrincipal } from './match-signer.ts';
import type { PolicyViolationCode } from './policy-result.ts';
import { isAbout } from './statement-subject.ts';

/** A statement about the digest, proven to be signed by signers of the policy. */
export interface TrustedStatement {
  readonly statement: Statement;
  readonly principal: SignerPrincipal;
  /** The policy's signers that the principal is, verbatim. */
  readonly matched: readonly string[];
}

/** Why evidence is not trusted. */
export interface Distrust {
  readonly code: PolicyViolationCode;
  readonly message: string;
}

/** Signature, signer and subject of one piece of evidence; its content is not looked at. */
export function trustStatement(
  policy: ProvenancePolicy,
  examination: Examination,
  digest: Digest,
): { readonly trusted: TrustedStatement } | { readonly distrust: Distrust } {
  const { status, message, statement, signer } = examination;
  if (status === 'failed') return distrust('PROVENANCE_SIGNATURE', `its signature did not verify: ${message}`);
  if (status !== 'verified') return distrust('PROVENANCE_SIGNATURE', `it is not signed in a way to verify: ${message}`);
  if (statement === null || signer === null) return distrust('PROVENANCE_MALFORMED', 'it holds no statement');
  const matched = matchedSigners(policy, signer);
  if (matched.length === 0) {
    return distrust('PROVENANCE_SIGNER', `its signer ${printPrincipal(signer)} is none of the policy`);
  }
  if (!isAbout(statement, digest)) return distrust('PROVENANCE_SUBJECT', `it is not about ${digest}`);
  return { trusted: { statement, principal: signer, matched } };
}

function distrust(code: PolicyViolationCode, message: string): { readonly distrust: Distrust } {
  return { distrust: { code, message } };
}
