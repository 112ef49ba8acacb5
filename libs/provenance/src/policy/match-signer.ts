// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import { type ExpectedSigner, matchesSigner, type SignerPrincipal } from '@promograph/signing';

const REGEXP_SCHEME = 'sigstore(identityMatch=regex)';

/**
 * Reads a signer of a policy: `sigstore::<issuer>::<identity>`, or `sigstore(identityMatch=regex)::<issuer>::<regexp>`,
 * whose expression must match the whole identity. Null for anything else, which then matches nobody.
 */
function parsePolicySigner(text: string): ExpectedSigner | null {
  const [scheme = '', issuer = '', ...rest] = text.split('::');
  const identity = rest.join('::').trim();
  if (issuer.trim() === '' || identity === '') return null;
  if (scheme === 'sigstore') return { kind: 'identity', subject: identity, issuer: issuer.trim() };
  if (scheme !== REGEXP_SCHEME) return null;
  return { kind: 'identity', subject: { regexp: identity }, issuer: issuer.trim() };
}

/** The signers of the policy, verbatim, that `principal` is. */
export function matchedSigners(policy: ProvenancePolicy, principal: SignerPrincipal): readonly string[] {
  return policy.signers.filter((text) => {
    const expected = parsePolicySigner(text);
    return expected !== null && isSigner(principal, expected);
  });
}

/** Whether `principal` is the expected signer. An expression that cannot be compiled matches nobody. */
export function isSigner(principal: SignerPrincipal, expected: ExpectedSigner): boolean {
  try {
    return matchesSigner(principal, expected);
  } catch {
    return false;
  }
}

/** `subject (issuer)`, or the key's hint. */
export function printPrincipal(principal: SignerPrincipal): string {
  return principal.kind === 'key' ? `key ${principal.hint}` : `${principal.subject} (${principal.issuer})`;
}
