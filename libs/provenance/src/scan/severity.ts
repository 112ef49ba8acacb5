// SPDX-License-Identifier: Apache-2.0
import type { Severity } from './scanner.ts';

/** Words that scanners use: those of Container Analysis, Trivy, Grype and the CVSS ratings. */
const WORDS: Readonly<Record<string, Severity>> = {
  unspecified: 0,
  severity_unspecified: 0,
  unknown: 0,
  none: 1,
  minimal: 1,
  negligible: 1,
  info: 1,
  informational: 1,
  low: 2,
  medium: 3,
  moderate: 3,
  high: 4,
  important: 4,
  critical: 5,
};

/** Least CVSS score of each rating (https://www.first.org/cvss/v3.1/specification-document, 5). */
const RATINGS: readonly (readonly [least: number, severity: Severity])[] = [
  [9, 5],
  [7, 4],
  [4, 3],
  [0.1, 2],
  [0, 1],
];

/** The severity that a word, or a CVSS score between 0 and 10, means; null for anything else. */
export function readSeverity(text: string): Severity | null {
  const word = WORDS[text.trim().toLowerCase()];
  if (word !== undefined) return word;
  if (!/^\s*\d{1,2}(?:\.\d+)?\s*$/.test(text)) return null;
  const score = Number(text);
  return score > 10 ? null : (RATINGS.find(([least]) => score >= least)?.[1] ?? 1);
}

/** The higher of two severities. */
export function worse(a: Severity, b: Severity): Severity {
  return a > b ? a : b;
}
