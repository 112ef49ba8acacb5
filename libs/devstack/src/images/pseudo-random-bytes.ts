// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that do not compress and depend on `seed` alone: the AES-128-CTR key stream of the seed's hash. */
export function pseudoRandomBytes(seed: string, length: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16, 32));
  return cipher.update(Buffer.alloc(length));
}
