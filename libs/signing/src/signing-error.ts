// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** What can go wrong while signing, or with the material that signing needs. */
export type SigningErrorCode =
  | 'SIGNING_CONFIG'
  | 'SIGNING_TOKEN'
  | 'SIGNING_IDENTITY'
  | 'SIGNING_CERTIFICATE'
  | 'SIGNING_LOG'
  | 'SIGNING_TIMESTAMP'
  | 'SIGNING_SERVICE'
  | 'SIGNING_SELF_CHECK'
  | 'SIGNING_KEY'
  | 'SIGNING_TRUST'
  | 'SIGNING_STORE'
  | 'SIGNING_LEGACY_UNSUPPORTED';

/** Signing, or what it needs, failed. Tokens and keys never enter it. */
export class SigningError extends PromographError<SigningErrorCode> {}
