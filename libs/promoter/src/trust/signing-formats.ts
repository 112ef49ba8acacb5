// SPDX-License-Identifier: Apache-2.0
import type { SignatureFormat } from '@promograph/manifest';
import { SigningError } from '@promograph/signing';
import { PromoterError } from '../promoter-error.ts';

/**
 * The layouts to write: those written down, else both, less the `.sig` tag where the log cannot serve it. Error:
 * `SIGNING_LEGACY_UNSUPPORTED` where that layout is written down.
 */
export function signingFormats(
  configured: readonly SignatureFormat[] | null,
  canSignPayloads: boolean,
): { readonly formats: readonly SignatureFormat[]; readonly warning: string | null } {
  if (canSignPayloads) return { formats: configured ?? ['legacy', 'bundle'], warning: null };
  if (configured === null) {
    const warning = 'signatures are written as bundles only: the .sig layout needs a Rekor v1 log';
    return { formats: ['bundle'], warning };
  }
  if (!configured.includes('legacy')) return { formats: configured, warning: null };
  throw new SigningError('SIGNING_LEGACY_UNSUPPORTED', 'signing.formats names legacy, which needs a Rekor v1 log', {
    hint: 'Leave legacy out of signing.formats, or name a Rekor v1 log in the signing config.',
  });
}

/**
 * Refuses to attest where no bundles are signed: cosign takes a bundle beside a `.sig` tag for the signature, and finds it wrong.
 * Error: `PROMOTER_INVALID_INPUT`.
 */
export function refuseAttestingWithoutBundles(formats: readonly SignatureFormat[]): void {
  if (formats.includes('bundle')) return;
  throw new PromoterError('PROMOTER_INVALID_INPUT', 'what is signed as .sig tags alone cannot be attested', {
    hint: 'Run sign instead, or write `formats: [legacy, bundle]` below signing.',
  });
}
