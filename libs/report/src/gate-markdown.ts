// SPDX-License-Identifier: Apache-2.0
import type { MarkdownSection } from './fit-markdown.ts';
import { gateNotes, gateTroubles } from './gate-lines.ts';
import type { GatedDigest, GateReport } from './gate-report.ts';
import { codeSpan, prose, row } from './markdown-text.ts';

/** Refused digests in an open table, warnings in a folded one. */
export function gateSections(gate: GateReport): readonly MarkdownSection[] {
  const troubles = gateTroubles(gate);
  const table = row('Image', 'Digest', 'Why') + row('---', '---', '---');
  return [
    {
      open: `### Refused by the gate\n\n${table}`,
      rows: troubles.filter(({ refused }) => refused !== undefined).map(digestRow),
      close: '\n',
    },
    {
      open: `<details><summary>Warnings of the gate</summary>\n\n${table}`,
      rows: troubles.filter(({ refused }) => refused === undefined).map(digestRow),
      close: '\n</details>\n\n',
    },
  ];
}

function digestRow(digest: GatedDigest): string {
  return row(codeSpan(digest.source), codeSpan(digest.digest), gateNotes(digest).map(prose).join('<br>'));
}
