// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash } from 'node:crypto';
import { OciError } from './oci-error.ts';

declare const digestBrand: unique symbol;

/** `sha256:` and 64, or `sha512:` and 128, lower-case hexadecimal digits. Only `parseDigest` and `digestOf` make one. */
export type Digest = string & { readonly [digestBrand]: true };

/** Algorithms that registries of the distribution specification 1.1 may use. */
export type DigestAlgorithm = 'sha256' | 'sha512';

/** Lengths are compared first: a counted repetition of digits takes three times as long. */
const DIGEST = /^sha(?:256|512):[0-9a-f]+$/;
const LENGTHS: Readonly<Record<DigestAlgorithm, number>> = { sha256: 7 + 64, sha512: 7 + 128 };

/** Whether `text` is a digest of a supported algorithm. */
export function isDigest(text: string): text is Digest {
  return text.length === (text.startsWith('sha512') ? LENGTHS.sha512 : LENGTHS.sha256) && DIGEST.test(text);
}

/** The checked digest, or `OCI_INVALID_DIGEST` (`invalid digest: <text>`). */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw new OciError('OCI_INVALID_DIGEST', `invalid digest: ${text}`);
  return text;
}

/** The algorithm in front of the colon. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The hexadecimal part behind the colon. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** The digest of `bytes`. */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

/** A running hash of the digest's algorithm, for bytes that stream by. */
export function hashFor(digest: Digest): Hash {
  return createHash(digestAlgorithm(digest));
}

/** Whether the finished `hash` is `digest`; consumes the hash. */
export function hashMatches(hash: Hash, digest: Digest): boolean {
  return hash.digest('hex') === digestHex(digest);
}
