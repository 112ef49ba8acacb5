// SPDX-License-Identifier: Apache-2.0
import { FINDING_CODES, type FindingCode } from './finding-codes.ts';
import type { Position } from './position.ts';
import { printableText } from './printable-text.ts';

/** How much a finding weighs: errors make the exit code 3, warnings are told. */
export type Severity = 'error' | 'warning';

/** One thing that is wrong in a file of the tree, with what to do about it. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly at: Position;
  readonly message: string;
  readonly hint: string;
  /** The offending text, by which the baseline names the finding. */
  readonly value: string;
  /** The project the file belongs to, or null for files of the whole tree. */
  readonly project: string | null;
  /** True when nothing of the project can be used; false when the finding drops only itself. */
  readonly isFatal: boolean;
  /** True when an entry of the baseline accepts it: severity is then `warning`. */
  readonly isBaselined: boolean;
}

/** What a place of a file is told beyond its code; `hint` defaults to the remedy of the code. */
export interface FindingText {
  readonly message: string;
  readonly value: string;
  readonly hint?: string;
  /** Default null: a file of the whole tree. */
  readonly project?: string | null;
}

/** A finding with severity and weight as the table of codes has them. Message and value are made printable. */
export function makeFinding(code: FindingCode, at: Position, text: FindingText): Finding {
  const { severity, isFatal, remedy } = FINDING_CODES[code];
  return {
    code,
    severity,
    at,
    message: printableText(text.message),
    hint: text.hint ?? remedy,
    value: printableText(text.value),
    project: text.project ?? null,
    isFatal,
    isBaselined: false,
  };
}

/** Whether any finding is an error: the exit code is 3 then. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}

/** The findings by file, line, column, code and value. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      compareText(a.at.file, b.at.file) ||
      a.at.line - b.at.line ||
      a.at.column - b.at.column ||
      compareText(a.code, b.code) ||
      compareText(a.value, b.value),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
