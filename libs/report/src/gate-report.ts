// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { countSchema, digestSchema, repositorySchema } from './artifact-parts.ts';
import { reportedVerdictSchema, type ReportedVerdict } from './trust-verdict.ts';

/** Why the gate refuses an edge. */
export type GateReason = 'signature' | 'provenance' | 'vulnerability';

/** What the gate found about one source digest that is due to move. */
export interface GatedDigest {
  readonly source: string;
  readonly digest: string;
  readonly signature: ReportedVerdict;
  /** What was found of each piece of evidence on the signature, strangers' included. */
  readonly signatures?: readonly ReportedVerdict[];
  readonly provenance?: {
    readonly verdict: 'satisfied' | 'unsatisfied' | 'absent' | 'unchecked';
    readonly level?: number;
    readonly mode: 'off' | 'warn' | 'require';
    readonly violations?: readonly string[];
  };
  readonly scan?: {
    readonly verdict: 'passed' | 'refused' | 'absent';
    readonly vulnerabilities?: readonly { readonly id: string; readonly severity: number; readonly fixable: boolean }[];
  };
  /** Set when no edge of this digest may be written. */
  readonly refused?: { readonly reason: GateReason; readonly code: string; readonly message: string };
  /** Policies that were only to warn, strangers' signatures, and the like. */
  readonly warnings?: readonly string[];
}

/** The gate over all digests that are due. */
export interface GateReport {
  readonly summary: {
    readonly digests: number;
    readonly verified: number;
    readonly absent: number;
    readonly untrusted: number;
    readonly unverifiable: number;
    readonly failed: number;
    readonly refused: number;
  };
  readonly digests: readonly GatedDigest[];
}

const gatedDigestSchema: z.ZodType<GatedDigest> = z.object({
  source: repositorySchema,
  digest: digestSchema,
  signature: reportedVerdictSchema,
  signatures: z.exactOptional(z.array(reportedVerdictSchema)),
  provenance: z.exactOptional(
    z.object({
      verdict: z.enum(['satisfied', 'unsatisfied', 'absent', 'unchecked']),
      level: z.exactOptional(countSchema),
      mode: z.enum(['off', 'warn', 'require']),
      violations: z.exactOptional(z.array(z.string())),
    }),
  ),
  scan: z.exactOptional(
    z.object({
      verdict: z.enum(['passed', 'refused', 'absent']),
      vulnerabilities: z.exactOptional(
        z.array(z.object({ id: z.string(), severity: z.int().min(0).max(5), fixable: z.boolean() })),
      ),
    }),
  ),
  refused: z.exactOptional(
    z.object({ reason: z.enum(['signature', 'provenance', 'vulnerability']), code: z.string(), message: z.string() }),
  ),
  warnings: z.exactOptional(z.array(z.string())),
});

/** Schema of `GateReport`. */
export const gateReportSchema: z.ZodType<GateReport> = z.object({
  summary: z.object({
    digests: countSchema,
    verified: countSchema,
    absent: countSchema,
    untrusted: countSchema,
    unverifiable: countSchema,
    failed: countSchema,
    refused: countSchema,
  }),
  digests: z.array(gatedDigestSchema),
});
