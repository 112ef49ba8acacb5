// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject } from 'node:crypto';

/** The 32 bytes of SHA-256 over the parts, one after another. */
export function sha256(...parts: readonly (Buffer | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The SubjectPublicKeyInfo of a public key in DER. */
export function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}
