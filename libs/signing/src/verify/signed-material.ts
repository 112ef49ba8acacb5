// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import { dsse } from '@sigstore/core';

/** Evidence of any layout as a sigstore bundle, with the bytes that the bundle does not hold. */
export interface SignedMaterial {
  readonly bundle: Bundle;
  /** What a message signature is over, or only its SHA-256; null for DSSE. */
  readonly message: { readonly bytes: Buffer } | { readonly sha256: Buffer } | null;
  /** The DSSE envelope as it was stored and logged; null where its bytes are not known. */
  readonly envelope: Buffer | null;
}

/** Digest of the bytes that the signature covers; null where it cannot be told. */
export function signedHash({ bundle: { content }, message }: SignedMaterial, algorithm: string): Buffer | null {
  if (content.$case === 'dsseEnvelope')
    return hashOf(algorithm, dsse.preAuthEncoding(content.dsseEnvelope.payloadType, content.dsseEnvelope.payload));
  if (message === null) return null;
  if ('bytes' in message) return hashOf(algorithm, message.bytes);
  return algorithm === 'sha256' ? message.sha256 : null;
}

/** The signature; empty where there is none. */
export function signatureOf({ bundle: { content } }: SignedMaterial): Buffer {
  if (content.$case === 'messageSignature') return content.messageSignature.signature;
  return content.dsseEnvelope.signatures[0]?.sig ?? Buffer.alloc(0);
}

/** DER bytes of the signing certificate; null when a bare key signed. */
export function certificateOf({ bundle }: SignedMaterial): Buffer | null {
  const { content } = bundle.verificationMaterial;
  if (content.$case === 'certificate') return content.certificate.rawBytes;
  if (content.$case === 'x509CertificateChain') return content.x509CertificateChain.certificates[0]?.rawBytes ?? null;
  return null;
}

/** Digest of bytes, raw. */
export function hashOf(algorithm: string, bytes: Buffer): Buffer {
  return createHash(algorithm).update(bytes).digest();
}
