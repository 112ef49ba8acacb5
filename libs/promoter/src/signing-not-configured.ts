// SPDX-License-Identifier: Apache-2.0
import { PromoterError } from './promoter-error.ts';

/** The refusal of whatever signs or looks at signatures, for a tree that does not say who signs. */
export function signingNotConfigured(): PromoterError {
  return new PromoterError('PROMOTER_INVALID_INPUT', 'promograph.yaml does not say who signs, and where', {
    hint: 'Set signing.canonical with signing.identity and signing.token, or signing.key; there is no default identity.',
  });
}
