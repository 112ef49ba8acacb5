// SPDX-License-Identifier: Apache-2.0
import { re2Problem } from './re2-problem.ts';

/** Why a signer of a provenance policy is refused, or null when it is well-formed (`sigstore::<issuer>::<identity>`). */
export function signerProblem(signer: string): string | null {
  const separator = signer.indexOf('::');
  if (separator < 0) return `invalid signer: ${signer}`;
  const scheme = signer.slice(0, separator);
  if (scheme !== 'sigstore' && scheme !== 'sigstore(identityMatch=regex)') {
    return scheme.startsWith('sigstore')
      ? `invalid signer: ${signer}`
      : `only sigstore signers are supported: ${signer}`;
  }
  const rest = signer.slice(separator + 2);
  const divide = rest.indexOf('::');
  const issuer = (divide < 0 ? rest : rest.slice(0, divide)).trim();
  const identity = divide < 0 ? '' : rest.slice(divide + 2).trim();
  if (issuer === '') return `the issuer must not be empty: ${signer}`;
  if (identity === '') return `the identity must not be empty: ${signer}`;
  return scheme === 'sigstore' ? null : regexpProblem(identity, signer);
}

function regexpProblem(identity: string, signer: string): string | null {
  const problem = re2Problem(identity);
  return problem === null ? null : `the identity is no regular expression that RE2 takes (${problem}): ${signer}`;
}
