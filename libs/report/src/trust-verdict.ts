// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** The words for what is known of a signature or attestation. `absent` never counts as `verified`. */
export type VerdictKind = 'verified' | 'absent' | 'untrusted' | 'unverifiable' | 'failed';

/** A verdict as JSON: which piece of evidence, by whom, and why not, where it is not verified. */
export interface ReportedVerdict {
  readonly verdict: VerdictKind;
  readonly code?: string;
  readonly message?: string;
  /** Who signed: `subject (issuer)`, or `key <hint>`. */
  readonly signer?: string;
  /** `host/path@digest` of the manifest that holds the evidence. */
  readonly evidence?: string;
}

/** Schema of `VerdictKind`. */
const verdictKindSchema: z.ZodType<VerdictKind> = z.enum(['verified', 'absent', 'untrusted', 'unverifiable', 'failed']);

/** Schema of `ReportedVerdict`. */
export const reportedVerdictSchema: z.ZodType<ReportedVerdict> = z.object({
  verdict: verdictKindSchema,
  code: z.exactOptional(z.string()),
  message: z.exactOptional(z.string()),
  signer: z.exactOptional(z.string()),
  evidence: z.exactOptional(z.string()),
});
