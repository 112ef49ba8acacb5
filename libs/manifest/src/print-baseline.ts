// SPDX-License-Identifier: Apache-2.0
import { API_VERSION } from './api-version.ts';
import { type Finding, sortFindings } from './finding.ts';

/**
 * The text of a `promograph-baseline.yaml` that accepts every finding that can be: errors that drop only their entry, and
 * those that a baseline accepts already. In file order, each once; findings about the baseline itself are left out.
 */
export function printBaseline(findings: readonly Finding[]): string {
  const accepted = sortFindings(findings).filter(isAcceptable).map(printEntry);
  const list = accepted.length === 0 ? ' []\n' : `\n${[...new Set(accepted)].join('')}`;
  return `apiVersion: ${API_VERSION}\naccepted:${list}`;
}

function isAcceptable(finding: Finding): boolean {
  if (finding.isFatal || finding.code.startsWith('baseline-')) return false;
  return finding.severity === 'error' || finding.isBaselined;
}

/** JSON strings are YAML double-quoted scalars. */
function printEntry({ code, at, value }: Finding): string {
  return `  - code: ${code}\n    file: ${JSON.stringify(at.file)}\n    value: ${JSON.stringify(value)}\n`;
}
