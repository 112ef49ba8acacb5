// SPDX-License-Identifier: Apache-2.0
import { type Baseline, type BaselineEntry, isAcceptable } from './baseline.ts';
import { type Finding, makeFinding } from './finding.ts';

/**
 * The findings with accepted ones turned into warnings, and those of the baseline itself: entries that accept nothing are
 * stale, entries for fatal findings are refused. `wasRead` tells whether a file was looked at. Entries for lost images are
 * left alone, as only a plan can judge them.
 */
export function applyBaseline(
  findings: readonly Finding[],
  baseline: Baseline,
  wasRead: (file: string) => boolean,
): Finding[] {
  const isOf = (entry: BaselineEntry, { code, at, value }: Finding): boolean =>
    entry.code === code && entry.file === at.file && entry.value === value;
  const applied = findings.map((finding): Finding => {
    if (!isAcceptable(finding) || !baseline.accepts(finding.code, finding.at.file, finding.value)) return finding;
    return { ...finding, severity: 'warning', isBaselined: true };
  });
  const judged = baseline.entries.filter(({ code, file }) => code !== 'lost-image' && wasRead(file));
  const own = judged.flatMap((entry): Finding[] => {
    const matches = findings.filter((finding) => isOf(entry, finding));
    const { value } = entry;
    if ([...matches, { code: entry.code, isFatal: false }].some((finding) => !isAcceptable(finding))) {
      const message = `cannot be accepted: ${entry.code} in ${entry.file}`;
      return [makeFinding('baseline-refused', entry.at, { message, value })];
    }
    if (matches.length > 0) return [];
    const message = `accepts nothing: ${entry.code} ${value} in ${entry.file}`;
    return [makeFinding('baseline-stale', entry.at, { message, value })];
  });
  return [...applied, ...baseline.findings, ...own];
}
