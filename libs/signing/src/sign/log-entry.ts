// SPDX-License-Identifier: Apache-2.0
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { SigningError } from '../signing-error.ts';
import type { SigningMaterial } from './signing-material.ts';

/** What a log is asked to witness. */
export interface WitnessedSignature {
  readonly material: SigningMaterial;
  /** DER. */
  readonly signature: Buffer;
  /** SHA-256 of the bytes that were signed. */
  readonly digest: Buffer;
  /** The envelope as JSON, where one was signed. */
  readonly envelope: string | null;
}

/** What of a log's answer goes into bundles and annotations. */
export type LogEntry = TransparencyLogEntry;

/** The log holds this very signature already and does not show it: only a new signature helps. */
export class AlreadyLoggedError extends SigningError {
  constructor() {
    super('SIGNING_LOG', 'the transparency log has this signature already and does not show its entry');
  }
}
