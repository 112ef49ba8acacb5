// SPDX-License-Identifier: Apache-2.0
import type { Finding } from './finding.ts';
import type { FindingCode } from './finding-codes.ts';
import type { Position } from './position.ts';

/** Name of the file of accepted findings at the root of a tree. */
export const BASELINE_FILE = 'promograph-baseline.yaml';

/** Refused whatever a file says: accepting it would change nothing, as each of its edges is refused. */
const NEVER_ACCEPTED: ReadonlySet<string> = new Set<FindingCode>(['overlap']);

/** Whether findings of this kind can be accepted: errors and warnings that drop their own entry only. */
export function isAcceptable(finding: Pick<Finding, 'code' | 'isFatal'>): boolean {
  return !finding.isFatal && !finding.code.startsWith('baseline-') && !NEVER_ACCEPTED.has(finding.code);
}

/** An accepted finding: by code, file and offending value, never by line. */
export interface BaselineEntry {
  readonly code: FindingCode;
  readonly file: string;
  readonly value: string;
  readonly reason: string | null;
  readonly at: Position;
}

/** The accepted findings of a tree. */
export class Baseline {
  /** sha256 (hex) of the file's bytes, or null when there is no file. */
  readonly sha256: string | null;
  readonly entries: readonly BaselineEntry[];
  /** What is wrong with the baseline file itself; part of the findings of a tree read with it. */
  readonly findings: readonly Finding[];
  readonly #keys: ReadonlySet<string>;

  constructor(content: { sha256: string | null; entries: readonly BaselineEntry[]; findings: readonly Finding[] }) {
    this.sha256 = content.sha256;
    this.entries = content.entries;
    this.findings = content.findings;
    this.#keys = new Set(content.entries.map(({ code, file, value }) => keyOf(code, file, value)));
  }

  /** Whether an entry accepts this; also for `lost-image`, whose value is the digest and which the plan judges. */
  accepts(code: string, file: string, value: string): boolean {
    return this.#keys.has(keyOf(code, file, value));
  }
}

function keyOf(code: string, file: string, value: string): string {
  return JSON.stringify([code, file, value]);
}
