// SPDX-License-Identifier: Apache-2.0
import type { ReportedVerdict } from '@promograph/report';
import type { SignerPrincipal, Verdict } from '@promograph/signing';

/** A verdict as artifacts tell it. */
export function reportedVerdict({ kind, code, message, signer, place }: Verdict): ReportedVerdict {
  return {
    verdict: kind,
    ...(code !== null && { code }),
    ...(message !== '' && { message }),
    ...(signer !== null && { signer: printSigner(signer) }),
    ...(place !== null && { evidence: place.location }),
  };
}

/** `subject (issuer)`, or the key's hint. */
export function printSigner(signer: SignerPrincipal): string {
  return signer.kind === 'key' ? `key ${signer.hint}` : `${signer.subject} (${signer.issuer})`;
}
