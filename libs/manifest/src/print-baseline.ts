// SPDX-License-Identifier: Apache-2.0
import { API_VERSION } from './api-version.ts';
import { type Baseline, isAcceptable } from './baseline.ts';
import type { Finding } from './finding.ts';

/**
 * The text of a `promograph-baseline.yaml` that accepts every finding that can be: errors that drop only their entry, and
 * those accepted already. Sorted by file, code and value, each once. Of the `previous` baseline the acknowledged lost
 * images stay, which files alone cannot judge, and the reasons of what is accepted again.
 */
export function printBaseline(findings: readonly Finding[], previous: Baseline | null = null): string {
  const old = previous?.entries ?? [];
  const reasons = new Map(old.map((entry) => [keyOf(entry), entry.reason]));
  const found = findings.filter((finding) => isAcceptable(finding) && isToBeAccepted(finding));
  const entries = [
    ...found.map(({ code, at, value }) => ({ code, file: at.file, value })),
    ...old.filter(({ code }) => code === 'lost-image'),
  ];
  const byKey = new Map(entries.map((entry) => [keyOf(entry), entry]));
  const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  const list = sorted.map(([key, entry]) => printEntry({ ...entry, reason: reasons.get(key) ?? null })).join('');
  return `apiVersion: ${API_VERSION}\naccepted:${list === '' ? ' []\n' : `\n${list}`}`;
}

interface Acceptance {
  readonly code: string;
  readonly file: string;
  readonly value: string;
}

function isToBeAccepted(finding: Finding): boolean {
  return finding.severity === 'error' || finding.isBaselined;
}

function keyOf({ code, file, value }: Acceptance): string {
  return JSON.stringify([file, code, value]);
}

/** JSON strings are YAML double-quoted scalars. */
function printEntry({ code, file, value, reason }: Acceptance & { readonly reason: string | null }): string {
  const head = `  - code: ${code}\n    file: ${JSON.stringify(file)}\n    value: ${JSON.stringify(value)}\n`;
  return reason === null ? head : `${head}    reason: ${JSON.stringify(reason)}\n`;
}
