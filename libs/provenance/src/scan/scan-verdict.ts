// SPDX-License-Identifier: Apache-2.0
import type { ScanFindings, Vulnerability } from './scanner.ts';
import { worse } from './severity.ts';

/** Which findings refuse an image. */
export interface ScanRule {
  /** Findings of this severity or a higher one refuse; 0 to 5. */
  readonly threshold: number;
  /** Whether findings without a fix are let through. */
  readonly fixableOnly: boolean;
}

/** What findings come to. */
export type ScanVerdict =
  | { readonly verdict: 'passed' }
  | { readonly verdict: 'refused'; readonly vulnerabilities: readonly Vulnerability[] }
  | { readonly verdict: 'absent'; readonly message: string };

/** Judges findings; the list of a refusal has each id once, the worst first. */
export function scanVerdict(findings: ScanFindings, rule: ScanRule): ScanVerdict {
  if (findings.state === 'absent') return { verdict: 'absent', message: findings.message };
  const worst = new Map<string, Vulnerability>();
  for (const found of findings.vulnerabilities) {
    if (found.severity < rule.threshold || (rule.fixableOnly && !found.fixable)) continue;
    const known = worst.get(found.id);
    const { id, fixable, severity } = known ?? found;
    worst.set(id, { id, severity: worse(severity, found.severity), fixable: fixable || found.fixable });
  }
  if (worst.size === 0) return { verdict: 'passed' };
  const vulnerabilities = [...worst.values()].sort((a, b) => b.severity - a.severity || (a.id < b.id ? -1 : 1));
  return { verdict: 'refused', vulnerabilities };
}
