// SPDX-License-Identifier: Apache-2.0
import { styleText } from 'node:util';
import type { Finding } from '@promograph/manifest';
import { renderGateText } from './gate-text.ts';
import { count } from './measures.ts';
import { printable } from './printable.ts';
import { heading, placeText, type TextOptions, nextLine } from './text-lines.ts';
import type { ValidateReport, ValidateReportFinding } from './validate-artifact.ts';
import { validateReport } from './validate-report.ts';

/** Findings as `file:line:col: severity code: message`, each with what to do below it. Empty for none. */
export function renderFindingsText(findings: readonly Finding[], options: TextOptions = {}): string {
  const lines = validateReport(findings, { projects: [] }).findings.flatMap((finding) => findingText(finding, options));
  return lines.map((line) => `${line}\n`).join('');
}

/** A validation for people at a terminal: the findings, what the gate says, then the counts and the next command as the last lines. */
export function renderValidateText(report: ValidateReport, options: TextOptions = {}): string {
  const lines = report.findings.flatMap((finding) => findingText(finding, options));
  if (report.gate !== undefined) lines.push(renderGateText(report.gate, options).trimEnd());
  if (lines.length > 0) lines.push('');
  lines.push(heading(validateConclusion(report), options));
  const next = options.next ?? nextAfterValidate(report);
  lines.push(...nextLine(next));
  return `${lines.join('\n')}\n`;
}

/** The sentence that ends a validation. */
export function validateConclusion({ summary }: ValidateReport): string {
  const accepted = summary.baselined === 0 ? '' : ` (${summary.baselined} accepted by the baseline)`;
  const found = [count(summary.errors, 'error'), `${count(summary.warnings, 'warning')}${accepted}`].join(', ');
  return `Validation: ${found}; ${count(summary.projects, 'project')}.`;
}

/** The next command to type: what the first error means, or the plan when there is none. */
export function nextAfterValidate(report: ValidateReport): string {
  const error = report.findings.find(({ severity }) => severity === 'error');
  return error === undefined ? 'promograph plan' : `promograph explain ${error.code}`;
}

function findingText(finding: ValidateReportFinding, options: TextOptions): readonly string[] {
  const { colour } = options;
  const style = finding.severity === 'error' ? 'red' : 'yellow';
  const severity = colour === true ? styleText(style, finding.severity, { validateStream: false }) : finding.severity;
  const accepted = finding.baselined ? ' (accepted by the baseline)' : '';
  const message = `${placeText(finding.at, options)}: ${severity} ${finding.code}: ${printable(finding.message)}${accepted}`;
  // What was accepted needs no advice: a tree may carry hundreds of these.
  const isSettled = finding.baselined || finding.hint === '';
  return isSettled ? [message] : [message, `    ${printable(finding.hint)}`];
}
