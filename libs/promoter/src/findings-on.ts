// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '@promograph/manifest';

/** Findings of the project's own files, and of files that every project depends on. */
export function findingsOn(findings: readonly Finding[], project: string): readonly Finding[] {
  return findings.filter((finding) => (finding.project ?? project) === project);
}
