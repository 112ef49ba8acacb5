// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { type PlanReport, planReportSchema } from './plan-artifact.ts';
import { type PromoteReceipt, promoteReceiptSchema } from './receipt.ts';
import { ReportError } from './report-error.ts';
import { type TrustReceipt, trustReceiptSchema } from './sign-receipt.ts';
import { type SnapshotArtifact, snapshotArtifactSchema } from './snapshot-artifact.ts';

/** A plan from the text of `plan.json`. Errors: `REPORT_INVALID_ARTIFACT`, `REPORT_FORMAT_VERSION`. */
export function readPlanReport(text: string): PlanReport {
  return read(text, 'plan', planReportSchema);
}

/** A snapshot from the text of `snapshot.json`. Errors: `REPORT_INVALID_ARTIFACT`, `REPORT_FORMAT_VERSION`. */
export function readSnapshotArtifact(text: string): SnapshotArtifact {
  return read(text, 'snapshot', snapshotArtifactSchema);
}

/** A receipt from the text of `promote.json`. Errors: `REPORT_INVALID_ARTIFACT`, `REPORT_FORMAT_VERSION`. */
export function readPromoteReceipt(text: string): PromoteReceipt {
  return read(text, 'promote receipt', promoteReceiptSchema);
}

/** A receipt from the text of `sign.json` or `attest.json`. Errors: `REPORT_INVALID_ARTIFACT`, `REPORT_FORMAT_VERSION`. */
export function readTrustReceipt(text: string): TrustReceipt {
  return read(text, 'receipt of signing', trustReceiptSchema);
}

function read<Artifact>(text: string, name: string, schema: z.ZodType<Artifact>): Artifact {
  const value = parseJson(text, name);
  refuseNewerMajor(value, name);
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new ReportError('REPORT_INVALID_ARTIFACT', `not a ${name}: ${firstIssue(result.error)}`, {
      cause: result.error,
      hint: 'Make it again with this version of promograph.',
    });
  }
  // The checked value itself, not the parser's copy: a copy loses keys that JavaScript treats specially (`__proto__`).
  return value as Artifact;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ReportError('REPORT_INVALID_ARTIFACT', `not a ${name}: it is no JSON`, { cause });
  }
}

function refuseNewerMajor(value: unknown, name: string): void {
  const version = z.object({ formatVersion: z.string().regex(/^\d+\.\d+$/) }).safeParse(value);
  if (!version.success || version.data.formatVersion.startsWith('1.')) return;
  const { formatVersion } = version.data;
  throw new ReportError('REPORT_FORMAT_VERSION', `this ${name} has format version ${formatVersion}, not 1.x`, {
    hint: 'Use the version of promograph that wrote it.',
  });
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'invalid' : `${issue.path.map(String).join('.') || 'document'}: ${issue.message}`;
}
