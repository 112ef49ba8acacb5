// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, createPublicKey } from 'node:crypto';
import { SigningError } from '../signing-error.ts';
import { hashOf } from './signed-material.ts';

/** A public key that may have signed. */
export interface TrustedKey {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly der: Buffer;
  readonly hint: string;
}

/** Reads a public key (PEM). Throws `SIGNING_KEY` when it is none. */
export function readTrustedKey(pem: string): TrustedKey {
  try {
    const key = createPublicKey(pem);
    const der = key.export({ type: 'spki', format: 'der' });
    return { key, der, hint: hashOf('sha256', der).toString('base64') };
  } catch (error) {
    throw new SigningError('SIGNING_KEY', 'A trusted key is no public key in PEM form.', { cause: error });
  }
}

/** Hint of a public key: base64 SHA-256 of its SubjectPublicKeyInfo. Throws `SIGNING_KEY` when `pem` is none. */
export function publicKeyHint(pem: string): string {
  return readTrustedKey(pem).hint;
}
