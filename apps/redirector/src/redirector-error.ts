// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** Everything that can keep the redirector from starting, and its commands from their work. */
export type RedirectorErrorCode =
  | 'REDIRECTOR_CONFIG_INVALID'
  | 'REDIRECTOR_CONFIG_MISSING'
  | 'REDIRECTOR_FILE_UNREADABLE'
  | 'REDIRECTOR_DOWNLOAD_FAILED'
  | 'REDIRECTOR_CANNOT_LISTEN';

/** A wrong configuration (one line for each fault), an unreadable file, or an address that is taken. */
export class RedirectorError extends PromographError<RedirectorErrorCode> {}
