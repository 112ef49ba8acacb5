// SPDX-License-Identifier: Apache-2.0

/** Something to sign with, and what verifies it. */
export interface SigningMaterial {
  /** ECDSA P-256 over SHA-256, DER. */
  sign(bytes: Buffer): Buffer;
  /** The certificate or public key, PEM: what a Rekor v1 log is told. */
  readonly verifierPem: string;
  readonly verifier: CertificateVerifier | KeyVerifier;
}

export interface CertificateVerifier {
  readonly kind: 'certificate';
  readonly der: Buffer;
  /** Certificates above it, PEM, nearest first; empty when the authority told none. */
  readonly chainPem: string;
}

export interface KeyVerifier {
  readonly kind: 'key';
  /** SubjectPublicKeyInfo. */
  readonly der: Buffer;
  /** Base64 SHA-256 of `der`. */
  readonly hint: string;
}

/** Gives the material of the moment. */
export interface MaterialSource {
  /** Use it at once: what is good now is not good for ever. */
  current(signal?: AbortSignal): Promise<SigningMaterial>;
  /** The next `current` gives something newer than `material`, where there can be any. */
  discard(material: SigningMaterial): void;
}
