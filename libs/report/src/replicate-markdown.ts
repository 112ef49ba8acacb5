// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_BUDGET_CHARS, fitMarkdown, type MarkdownSection } from './fit-markdown.ts';
import { codeSpan, prose, row, sentence } from './markdown-text.ts';
import type { MarkdownOptions } from './plan-markdown.ts';
import type { ReplicatedItem, ReplicateReport } from './replicate-report.ts';
import { replicateConclusion } from './replicate-text.ts';

/** A replication as a job summary: counts, what failed in full, then what was copied, folded. */
export function renderReplicateMarkdown(report: ReplicateReport, options: MarkdownOptions = {}): string {
  const [first, more] = replicateConclusion(report);
  const failed = report.items.filter(({ outcome }) => outcome === 'failed');
  const others = report.items.filter(({ outcome }) => outcome !== 'failed');
  const title = report.confirmed ? 'Copied' : 'Missing';
  const parts = {
    head: `## Replication of signatures\n\n**${sentence(first)}**\n\n${more}\n\n`,
    sections: [
      section({ open: '### Failed\n\n', close: '\n' }, failed),
      section({ open: `<details><summary>${title}</summary>\n\n`, close: '\n</details>\n\n' }, others),
    ],
    foot: options.next === undefined ? '' : `Next: ${codeSpan(options.next)}\n`,
    whole: 'Everything is in `promograph replicate --output json`.',
  };
  return fitMarkdown(parts, options.budgetChars ?? DEFAULT_BUDGET_CHARS);
}

function section(
  frame: { readonly open: string; readonly close: string },
  items: readonly ReplicatedItem[],
): MarkdownSection {
  return {
    open: frame.open + row('From', 'What', 'To', 'Why') + row('---', '---', '---', '---'),
    rows: items.map(({ source, reference, destination, error }) =>
      row(
        codeSpan(source),
        codeSpan(reference),
        codeSpan(destination),
        error === undefined ? '' : prose(`${error.code}: ${error.message}`),
      ),
    ),
    close: frame.close,
  };
}
