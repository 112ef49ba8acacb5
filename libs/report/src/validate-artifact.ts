// SPDX-License-Identifier: Apache-2.0
import type { Severity } from '@promograph/manifest';
import { z } from 'zod';
import {
  type ArtifactInputs,
  countSchema,
  formatVersionSchema,
  inputsSchema,
  positionSchema,
} from './artifact-parts.ts';
import { gateReportSchema, type GateReport } from './gate-report.ts';

/** A finding as JSON. */
export interface ValidateReportFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly at: string;
  readonly message: string;
  readonly hint: string;
  /** The offending text, by which a baseline entry names the finding. */
  readonly value: string;
  readonly project: string | null;
  /** True when nothing of the project can be used. */
  readonly fatal: boolean;
  /** True when the baseline accepts it. */
  readonly baselined: boolean;
}

/** `validate.json` and `validate --output json`. */
export interface ValidateReport {
  readonly formatVersion: string;
  readonly inputs?: ArtifactInputs;
  readonly summary: {
    readonly projects: number;
    readonly errors: number;
    readonly warnings: number;
    /** Of `warnings`, those that the baseline accepts. */
    readonly baselined: number;
  };
  readonly findings: readonly ValidateReportFinding[];
  /** What the gate says of the digests that are due; absent where no gate is configured or nothing was read. */
  readonly gate?: GateReport;
}

/** Schema of `ValidateReport`; it lets fields of newer minor versions through. */
export const validateReportSchema: z.ZodType<ValidateReport> = z
  .object({
    formatVersion: formatVersionSchema,
    inputs: z.exactOptional(inputsSchema),
    summary: z.object({ projects: countSchema, errors: countSchema, warnings: countSchema, baselined: countSchema }),
    findings: z.array(
      z.object({
        code: z.string(),
        severity: z.enum(['error', 'warning']),
        at: positionSchema,
        message: z.string(),
        hint: z.string(),
        value: z.string(),
        project: z.string().nullable(),
        fatal: z.boolean(),
        baselined: z.boolean(),
      }),
    ),
    gate: z.exactOptional(gateReportSchema),
  })
  .meta({ title: 'promograph validate' });
