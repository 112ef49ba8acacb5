// SPDX-License-Identifier: Apache-2.0
import type { ExpectedSigner, NamePattern, SignerPrincipal } from '@promograph/signing';
import { RE2JS } from 're2js';

/** Whether `principal` is the expected keyless signer: subject and issuer both, each over its whole length. */
export function matchesSigner(principal: SignerPrincipal, expected: ExpectedSigner): boolean {
  if (principal.kind !== 'certificate' || expected.kind !== 'identity') return false;
  return matchesName(principal.subject, expected.subject) && matchesName(principal.issuer, expected.issuer);
}

function matchesName(name: string, pattern: NamePattern): boolean {
  if (typeof pattern === 'string') return name === pattern;
  try {
    return RE2JS.compile(pattern.regexp).matcher(name).matches();
  } catch {
    return false;
  }
}
