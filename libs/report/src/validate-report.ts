// SPDX-License-Identifier: Apache-2.0
import { type Finding, printPosition } from '@promograph/manifest';
import { type ArtifactInputs, FORMAT_VERSION } from './artifact-parts.ts';
import type { GateReport } from './gate-report.ts';
import type { ValidateReport, ValidateReportFinding } from './validate-artifact.ts';

/** What a validation looked at. */
export interface ValidateReportOptions {
  /** Names of the projects that were validated. */
  readonly projects: readonly string[];
  readonly inputs?: ArtifactInputs;
  /** What the gate says of what is due, where it was asked. */
  readonly gate?: GateReport;
}

/** The model of `validate.json` and `validate --output json`; findings keep their order. */
export function validateReport(findings: readonly Finding[], options: ValidateReportOptions): ValidateReport {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return {
    formatVersion: FORMAT_VERSION,
    ...(options.inputs === undefined ? {} : { inputs: options.inputs }),
    summary: {
      projects: options.projects.length,
      errors,
      warnings: findings.length - errors,
      baselined: findings.filter(({ isBaselined }) => isBaselined).length,
    },
    findings: findings.map(findingOf),
    ...(options.gate === undefined ? {} : { gate: options.gate }),
  };
}

function findingOf(finding: Finding): ValidateReportFinding {
  return {
    code: finding.code,
    severity: finding.severity,
    at: printPosition(finding.at),
    message: finding.message,
    hint: finding.hint,
    value: finding.value,
    project: finding.project,
    fatal: finding.isFatal,
    baselined: finding.isBaselined,
  };
}
