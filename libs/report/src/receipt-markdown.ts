// SPDX-License-Identifier: Apache-2.0
import type { EdgeLine } from './edge-line.ts';
import { DEFAULT_BUDGET_CHARS, fitMarkdown } from './fit-markdown.ts';
import { gateConclusion } from './gate-lines.ts';
import { gateSections } from './gate-markdown.ts';
import { foldedSection, openSection, type ProjectLines } from './markdown-lines.ts';
import { codeSpan } from './markdown-text.ts';
import { ALL_LOST_WARNING } from './plan-counts.ts';
import type { MarkdownOptions } from './plan-markdown.ts';
import { destinationCount } from './plan-report.ts';
import { nextAfterPromote, receiptConclusion, receiptCounts } from './receipt-counts.ts';
import { receiptLine } from './receipt-lines.ts';
import type { PromoteReceipt } from './receipt.ts';
import type { RunExtras } from './run-extras.ts';
import { trustConclusion } from './trust-lines.ts';
import { trustSections } from './trust-markdown.ts';

/** What a promotion did, as a job summary: counts, what failed or was refused in full, then what was done, folded. With what the gate said and what was signed. */
export function renderReceiptMarkdown(
  receipts: readonly PromoteReceipt[],
  options: MarkdownOptions & RunExtras = {},
): string {
  const { gate = null, trust = [] } = options;
  const [first = '', ...moved] = receiptConclusion(receipts);
  const others = [...moved, ...(gate === null ? [] : [gateConclusion(gate)]), ...trustConclusion(trust)];
  const next = options.next ?? nextAfterPromote(receipts);
  const done = linesOf(receipts, ({ kind }) => ['add', 'tag', 'planned', 'skipped'].includes(kind));
  const parts = {
    head: `## Promotion\n\n**${first}**\n\n${others.length === 0 ? '' : `${others.join(' ')}\n\n`}${warnings(receipts)}`,
    sections: [
      openSection(
        'Failed',
        linesOf(receipts, ({ kind }) => kind === 'failed'),
      ),
      openSection(
        'Refused',
        linesOf(receipts, ({ kind }) => kind === 'refused'),
      ),
      openSection(
        'Lost',
        linesOf(receipts, ({ kind }) => kind === 'lost'),
      ),
      ...(gate === null ? [] : gateSections(gate)),
      ...trustSections(trust),
      ...receipts.map((receipt, index) => foldedSection(countsOf(receipt), done[index] ?? NOTHING)),
    ],
    foot: next === null ? '' : `Next: ${codeSpan(next)}\n`,
    whole: 'Every edge is in `promote.json`.',
  };
  return fitMarkdown(parts, options.budgetChars ?? DEFAULT_BUDGET_CHARS);
}

const NOTHING: ProjectLines = { project: '', destinations: 0, lines: [] };

function warnings(receipts: readonly PromoteReceipt[]): string {
  const suspects = receipts.filter(({ allLost }) => allLost === true);
  return suspects.map(({ project }) => `${codeSpan(project)}: ${ALL_LOST_WARNING}\n\n`).join('');
}

function countsOf(receipt: PromoteReceipt): string {
  return receiptCounts([receipt]);
}

function linesOf(receipts: readonly PromoteReceipt[], keep: (line: EdgeLine) => boolean): readonly ProjectLines[] {
  return receipts.map(({ project, edges }) => ({
    project,
    destinations: destinationCount(edges),
    lines: edges.map(receiptLine).filter(keep),
  }));
}
