// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** What can go wrong while a scanner is asked. That nothing was scanned is no error, but an answer. */
export type ScanErrorCode =
  'SCAN_PROJECT' | 'SCAN_ENDPOINT' | 'SCAN_CREDENTIALS' | 'SCAN_DENIED' | 'SCAN_SERVICE' | 'SCAN_ANSWER';

/** A scanner could not be asked. No part of a token enters it. */
export class ScanError extends PromographError<ScanErrorCode> {}
