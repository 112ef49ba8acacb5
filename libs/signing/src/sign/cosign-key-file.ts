// SPDX-License-Identifier: Apache-2.0
import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { z } from 'zod';
import { SigningError } from '../signing-error.ts';

const PEM =
  /-----BEGIN ENCRYPTED (SIGSTORE|COSIGN) PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END ENCRYPTED \1 PRIVATE KEY-----/;
/** 128 * N * r of the largest parameters below, and some room. */
const MAX_MEMORY = 300 * 1024 * 1024;
const KEY_BYTES = 32;
const NONCE_BYTES = 24;

const fileSchema = z.object({
  kdf: z.object({
    name: z.literal('scrypt'),
    params: z.object({
      N: z.int().min(2).max(262_144),
      r: z.int().min(1).max(8),
      p: z.int().min(1).max(4),
    }),
    salt: z.base64(),
  }),
  cipher: z.object({ name: z.literal('nacl/secretbox'), nonce: z.base64() }),
  ciphertext: z.base64(),
});

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** Whether `pem` is a key file of cosign. */
export function isCosignKey(pem: string): boolean {
  return PEM.test(pem);
}

/** The PKCS #8 (DER) in a key file that cosign encrypted. Error `SIGNING_KEY`. */
export async function decryptCosignKey(pem: string, password: string): Promise<Buffer> {
  const file = fileOf(pem);
  const { N, r, p } = file.kdf.params;
  const salt = Buffer.from(file.kdf.salt, 'base64');
  const key = await derive(password, salt, KEY_BYTES, { N, r, p, maxmem: MAX_MEMORY });
  const nonce = Buffer.from(file.cipher.nonce, 'base64');
  if (nonce.length !== NONCE_BYTES) throw malformed();
  try {
    return Buffer.from(xsalsa20poly1305(key, nonce).decrypt(Buffer.from(file.ciphertext, 'base64')));
  } catch {
    throw new SigningError('SIGNING_KEY', 'the signing key cannot be decrypted with this password', {
      hint: 'Set COSIGN_PASSWORD.',
    });
  }
}

function fileOf(pem: string): z.infer<typeof fileSchema> {
  try {
    return fileSchema.parse(JSON.parse(Buffer.from(PEM.exec(pem)?.[2] ?? '', 'base64').toString('utf8')));
  } catch {
    throw malformed();
  }
}

function malformed(): SigningError {
  return new SigningError('SIGNING_KEY', 'the key file is not one that cosign makes');
}
