// SPDX-License-Identifier: Apache-2.0
import type { ActionKind, RefusalReason } from '@promograph/plan';
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
import { type PlanGate, planGateSchema } from './plan-gate.ts';

/** Counts of edges: one digest, one destination repository, one tag or none. */
export interface PlanReportSummary {
  readonly edges: number;
  readonly add: number;
  readonly tag: number;
  readonly present: number;
  readonly lost: number;
  readonly refused: number;
  readonly unreadable: number;
  /** Of `lost`, those that the baseline acknowledges; left out where there are none. */
  readonly acceptedLost?: number;
}

/** One edge and what it needs. Optional fields are there only where they say something. */
export interface PlanReportAction {
  readonly action: ActionKind;
  readonly digest: string;
  readonly source: string;
  readonly destination: string;
  readonly tag: string | null;
  /** The digest that the destination's tag resolves to now. */
  readonly observed?: string;
  /** Every digest that claims this destination and tag. */
  readonly conflicts?: readonly string[];
  readonly reason?: RefusalReason;
  readonly detail?: string;
  /** True for a lost edge that the baseline acknowledges. */
  readonly accepted?: true;
  readonly at: string;
}

/** The plan of one project. */
export interface PlanReportProject {
  readonly project: string;
  readonly summary: PlanReportSummary;
  readonly allLost: boolean;
  /** How many destinations an image of the project has. */
  readonly destinations: number;
  /** What the gate demands; absent where nothing is. */
  readonly gate?: PlanGate;
  readonly actions: readonly PlanReportAction[];
}

/** `plan.json` and `plan --output json`. */
export interface PlanReport {
  readonly formatVersion: string;
  readonly inputs?: ArtifactInputs;
  readonly summary: PlanReportSummary;
  readonly projects: readonly PlanReportProject[];
}

const summarySchema: z.ZodType<PlanReportSummary> = z
  .object({
    edges: countSchema,
    add: countSchema,
    tag: countSchema,
    present: countSchema,
    lost: countSchema,
    refused: countSchema,
    unreadable: countSchema,
    acceptedLost: z.exactOptional(countSchema),
  })
  .describe('counts per edge');

const actionSchema: z.ZodType<PlanReportAction> = z.object({
  action: z.enum(['add', 'tag', 'present', 'lost', 'refused', 'unreadable']),
  digest: digestSchema,
  source: repositorySchema,
  destination: repositorySchema,
  tag: tagSchema,
  observed: z.exactOptional(digestSchema),
  conflicts: z.exactOptional(z.array(digestSchema)),
  reason: z.exactOptional(z.enum(['tag-move', 'overlap', 'unsupported-media-type'])),
  detail: z.exactOptional(z.string()),
  accepted: z.exactOptional(z.literal(true)),
  at: positionSchema,
});

/** Schema of `PlanReport`; it lets fields of newer minor versions through. */
export const planReportSchema: z.ZodType<PlanReport> = z
  .object({
    formatVersion: formatVersionSchema,
    inputs: z.exactOptional(inputsSchema),
    summary: summarySchema,
    projects: z.array(
      z.object({
        project: z.string(),
        summary: summarySchema,
        allLost: z.boolean(),
        destinations: countSchema,
        gate: z.exactOptional(planGateSchema),
        actions: z.array(actionSchema),
      }),
    ),
  })
  .meta({ title: 'promograph plan' });
