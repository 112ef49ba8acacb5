// SPDX-License-Identifier: Apache-2.0
import type { RefusalReason } from '@promograph/plan';
import { z } from 'zod';
import {
  type ArtifactInputs,
  countSchema,
  digestSchema,
  formatVersionSchema,
  inputsSchema,
  positionSchema,
  repositorySchema,
  tagSchema,
} from './artifact-parts.ts';
import { gateReportSchema, type GateReason, type GateReport } from './gate-report.ts';
import { trustReceiptSchema, type TrustReceipt } from './sign-receipt.ts';

/**
 * What became of an edge. `planned` is what a run without `--confirm` would do; `skipped` ones were not reached; `copied`
 * ones lie at the destination and get their tag from a later stage.
 */
export type ReceiptOutcome =
  'added' | 'copied' | 'tagged' | 'present' | 'refused' | 'lost' | 'failed' | 'skipped' | 'planned';

/** Why an edge was refused: by the plan, or by the gate. */
export type ReceiptReason = RefusalReason | GateReason;

/** One edge and what became of it. Optional fields are there only where they say something. */
export interface ReceiptEdge {
  readonly source: string;
  readonly destination: string;
  readonly digest: string;
  readonly tag: string | null;
  readonly at: string;
  readonly outcome: ReceiptOutcome;
  readonly reason?: ReceiptReason;
  /** The digest that the destination's tag resolves to. */
  readonly observed?: string;
  readonly conflicts?: readonly string[];
  /** True for a lost edge that the baseline acknowledges. */
  readonly accepted?: true;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Counts of edges, then what moved: bytes and blobs copied through this machine, and mounted within a registry. */
export interface ReceiptSummary {
  /** Edges that were `added`, and those that are `copied` and get their tag from a later stage. */
  readonly copied: number;
  readonly tagged: number;
  readonly present: number;
  readonly skipped: number;
  readonly refused: number;
  readonly lost: number;
  readonly failed: number;
  readonly copiedBytes: number;
  readonly mountedBytes: number;
  readonly copiedBlobs: number;
  readonly mountedBlobs: number;
  /** Time spent waiting for the request budget, summed over requests. */
  readonly waitedMs: number;
  readonly retries: number;
}

/** `promote.json`: what a run did to the edges of one project. */
export interface PromoteReceipt {
  readonly formatVersion: string;
  readonly project: string;
  /** False for a dry run: nothing was written. */
  readonly confirmed: boolean;
  readonly inputs?: ArtifactInputs;
  /** True when not one of two or more images was found: a wrong registry name rather than lost images. */
  readonly allLost?: true;
  readonly summary: ReceiptSummary;
  readonly edges: readonly ReceiptEdge[];
  /** Digests that this run published and did not sign. Absent where the tree does not sign. */
  readonly unsigned?: number;
}

/** Schema of `ReceiptEdge`, also one line of `promote.jsonl`. */
const receiptEdgeSchema: z.ZodType<ReceiptEdge> = z.object({
  source: repositorySchema,
  destination: repositorySchema,
  digest: digestSchema,
  tag: tagSchema,
  at: positionSchema,
  outcome: z.enum(['added', 'copied', 'tagged', 'present', 'refused', 'lost', 'failed', 'skipped', 'planned']),
  reason: z.exactOptional(
    z.enum(['tag-move', 'overlap', 'unsupported-media-type', 'signature', 'provenance', 'vulnerability']),
  ),
  observed: z.exactOptional(digestSchema),
  conflicts: z.exactOptional(z.array(digestSchema)),
  accepted: z.exactOptional(z.literal(true)),
  error: z.exactOptional(z.object({ code: z.string(), message: z.string(), hint: z.exactOptional(z.string()) })),
});

/** Counts of one project or of a whole run. */
const summarySchema: z.ZodType<ReceiptSummary> = z.object({
  copied: countSchema,
  tagged: countSchema,
  present: countSchema,
  skipped: countSchema,
  refused: countSchema,
  lost: countSchema,
  failed: countSchema,
  copiedBytes: countSchema,
  mountedBytes: countSchema,
  copiedBlobs: countSchema,
  mountedBlobs: countSchema,
  waitedMs: countSchema,
  retries: countSchema,
});

/** Schema of `PromoteReceipt`; it lets fields of newer minor versions through. */
export const promoteReceiptSchema: z.ZodType<PromoteReceipt> = z
  .object({
    formatVersion: formatVersionSchema,
    project: z.string(),
    confirmed: z.boolean(),
    inputs: z.exactOptional(inputsSchema),
    allLost: z.exactOptional(z.literal(true)),
    summary: summarySchema,
    edges: z.array(receiptEdgeSchema),
    unsigned: z.exactOptional(countSchema),
  })
  .meta({ title: 'promograph promote receipt' });

/** `promote`, `sign`, `attest` and `run` with `--output json`: the receipts of a run, with the sum of their counts. */
export interface PromoteRunReport {
  readonly formatVersion: string;
  readonly confirmed: boolean;
  readonly summary: ReceiptSummary;
  readonly projects: readonly PromoteReceipt[];
  /** What was signed and attested; absent where the run went no further than promoting. */
  readonly trust?: readonly TrustReceipt[];
  /** What the gate said of the digests that were due; absent where none is configured. */
  readonly gate?: GateReport;
}

/** Schema of `PromoteRunReport`; it lets fields of newer minor versions through. */
export const promoteRunSchema: z.ZodType<PromoteRunReport> = z
  .object({
    formatVersion: formatVersionSchema,
    confirmed: z.boolean(),
    summary: summarySchema,
    projects: z.array(promoteReceiptSchema),
    trust: z.exactOptional(z.array(trustReceiptSchema)),
    gate: z.exactOptional(gateReportSchema),
  })
  .meta({ title: 'promograph promote --output json' });
