// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { countSchema, formatVersionSchema } from './artifact-parts.ts';

/** One signature or attestation that is missing at a mirror, or could not be brought there. */
export interface ReplicatedItem {
  readonly source: string;
  readonly destination: string;
  /** Tag (`sha256-<hex>.sig`), or digest of a referrer. */
  readonly reference: string;
  readonly outcome: 'copied' | 'planned' | 'failed';
  readonly error?: { readonly code: string; readonly message: string };
}

/** `replicate.json` and `replicate --output json`. */
export interface ReplicateReport {
  readonly formatVersion: string;
  readonly confirmed: boolean;
  readonly summary: {
    /** Digests of the manifests, one per canonical repository. */
    readonly groups: number;
    readonly signed: number;
    readonly present: number;
    readonly missing: number;
    readonly copied: number;
    readonly failed: number;
    readonly listRequests: number;
  };
  readonly items: readonly ReplicatedItem[];
}

/** Schema of `ReplicateReport`; it lets fields of newer minor versions through. */
export const replicateReportSchema: z.ZodType<ReplicateReport> = z
  .object({
    formatVersion: formatVersionSchema,
    confirmed: z.boolean(),
    summary: z.object({
      groups: countSchema,
      signed: countSchema,
      present: countSchema,
      missing: countSchema,
      copied: countSchema,
      failed: countSchema,
      listRequests: countSchema,
    }),
    items: z.array(
      z.object({
        source: z.string(),
        destination: z.string(),
        reference: z.string(),
        outcome: z.enum(['copied', 'planned', 'failed']),
        error: z.exactOptional(z.object({ code: z.string(), message: z.string() })),
      }),
    ),
  })
  .meta({ title: 'promograph replicate' });
