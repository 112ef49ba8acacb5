// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { countSchema, digestSchema, formatVersionSchema, repositorySchema } from './artifact-parts.ts';

/** What became of one digest at its canonical repository. `present`: a verified signature, or record, was there. */
export type TrustOutcome = 'written' | 'present' | 'failed' | 'skipped' | 'planned';

/** An entry of a transparency log. */
export interface ReportedLogEntry {
  readonly logId: string;
  readonly logIndex: number;
}

/** A signature or statement that was written. */
export interface WrittenEvidence {
  readonly layout: 'legacy' | 'bundle';
  /** Digest of the manifest that holds it. */
  readonly digest: string;
  readonly predicateType?: string;
  readonly log?: ReportedLogEntry;
}

/** One digest of a run: an image, an index, or a child of one. */
export interface TrustedDigest {
  readonly repository: string;
  readonly digest: string;
  /** The name that users pull, which the signature carries. */
  readonly reference: string;
  readonly outcome: TrustOutcome;
  readonly written?: readonly WrittenEvidence[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** `sign.json` and `attest.json`: what a run signed, or said, about the digests of one project. */
export interface TrustReceipt {
  readonly formatVersion: string;
  readonly project: string;
  readonly stage: 'sign' | 'attest';
  /** False for a dry run. */
  readonly confirmed: boolean;
  readonly summary: {
    readonly written: number;
    readonly present: number;
    readonly failed: number;
    readonly skipped: number;
    /** Digests that are at their destinations already and were not looked at: `--scope present` looks at them. */
    readonly notLookedAt: number;
    readonly certificates: number;
    readonly logEntries: number;
  };
  readonly digests: readonly TrustedDigest[];
}

const trustedDigestSchema: z.ZodType<TrustedDigest> = z.object({
  repository: repositorySchema,
  digest: digestSchema,
  reference: z.string(),
  outcome: z.enum(['written', 'present', 'failed', 'skipped', 'planned']),
  written: z.exactOptional(
    z.array(
      z.object({
        layout: z.enum(['legacy', 'bundle']),
        digest: digestSchema,
        predicateType: z.exactOptional(z.string()),
        log: z.exactOptional(z.object({ logId: z.string(), logIndex: countSchema })),
      }),
    ),
  ),
  error: z.exactOptional(z.object({ code: z.string(), message: z.string(), hint: z.exactOptional(z.string()) })),
});

/** Schema of `TrustReceipt`; it lets fields of newer minor versions through. */
export const trustReceiptSchema: z.ZodType<TrustReceipt> = z
  .object({
    formatVersion: formatVersionSchema,
    project: z.string(),
    stage: z.enum(['sign', 'attest']),
    confirmed: z.boolean(),
    summary: z.object({
      written: countSchema,
      present: countSchema,
      failed: countSchema,
      skipped: countSchema,
      notLookedAt: countSchema,
      certificates: countSchema,
      logEntries: countSchema,
    }),
    digests: z.array(trustedDigestSchema),
  })
  .meta({ title: 'promograph sign and attest receipt' });
