// SPDX-License-Identifier: Apache-2.0

const MEBIBYTE = 1024 * 1024;

/** How much evidence about one digest is looked at. More is never cut off: it makes everything about the digest undecided. */
export interface EvidenceLimits {
  /** Layers of one `.sig` or `.att` image. */
  readonly layers: number;
  /** Referrers of one subject, of any kind. */
  readonly referrers: number;
  /** Bytes of one simple signing payload. */
  readonly signatureBytes: number;
  /** Bytes of one envelope or bundle. */
  readonly attestationBytes: number;
  /** Bytes of all of them together. */
  readonly totalBytes: number;
}

/** Payloads have some 300 bytes and bundles some 6,000; attestations with whole build logs have megabytes. */
export const DEFAULT_EVIDENCE_LIMITS: EvidenceLimits = {
  layers: 500,
  referrers: 500,
  signatureBytes: 256 * 1024,
  attestationBytes: 64 * MEBIBYTE,
  totalBytes: 256 * MEBIBYTE,
};
