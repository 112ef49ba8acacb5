// SPDX-License-Identifier: Apache-2.0

/** How much one piece of evidence may hold. More is refused as `EVIDENCE_LIMIT`, never cut short. */
export interface ExaminationLimits {
  /** Bytes of a simple signing payload. */
  readonly payloadBytes: number;
  /** Bytes of a bundle or of an `.att` layer; software bills of materials are large. */
  readonly envelopeBytes: number;
  readonly logEntries: number;
  readonly timestamps: number;
}

/** Real evidence has one log entry and at most two timestamps; 64 MiB is what other promoters read of an attestation. */
export const DEFAULT_EXAMINATION_LIMITS: ExaminationLimits = {
  payloadBytes: 1024 * 1024,
  envelopeBytes: 64 * 1024 * 1024,
  logEntries: 8,
  timestamps: 8,
};
