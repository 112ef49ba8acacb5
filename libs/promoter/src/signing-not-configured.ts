// SPDX-License-Identifier: Apache-2.0
import { PromoterError } from './promoter-error.ts';

/**
 * The refusal of whatever signs or looks at signatures, for a tree that does not say who signs. Of a configuration with
 * errors nothing is known: there those are to be mended, whatever it says of signing.
 */
export function signingNotConfigured({ isConfigInvalid = false }: { isConfigInvalid?: boolean } = {}): PromoterError {
  if (isConfigInvalid) {
    return new PromoterError('PROMOTER_INVALID_INPUT', 'the configuration is invalid, so it is not known who signs', {
      hint: 'Mend what `promograph validate` names in it.',
    });
  }
  return new PromoterError('PROMOTER_INVALID_INPUT', 'promograph.yaml does not say who signs, and where', {
    hint: 'Set signing.canonical with signing.identity and signing.token, or signing.key; there is no default identity.',
  });
}
