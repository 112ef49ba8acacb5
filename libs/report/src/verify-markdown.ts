// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_BUDGET_CHARS, fitMarkdown, type MarkdownSection } from './fit-markdown.ts';
import { codeSpan, prose, row, sentence } from './markdown-text.ts';
import type { MarkdownOptions } from './plan-markdown.ts';
import { nextAfterVerify, openFindings, verifyConclusion, verifyNotes } from './verify-lines.ts';
import type { VerifyFinding, VerifyReport } from './verify-report.ts';

/** A verification as a job summary: counts, findings in full, then what was healed and the commands of cosign, folded. */
export function renderVerifyMarkdown(report: VerifyReport, options: MarkdownOptions = {}): string {
  const next = options.next ?? nextAfterVerify(report);
  const healed = report.findings.filter((finding) => finding.healed === true);
  const parts = {
    head: `## Verification\n\n**${sentence(verifyConclusion(report))}**\n\n`,
    sections: [
      section({ open: '### Findings\n\n', close: '\n' }, openFindings(report)),
      section({ open: '<details><summary>Healed</summary>\n\n', close: '\n</details>\n\n' }, healed),
      {
        open: '<details><summary>Verify with cosign</summary>\n\n',
        rows: report.images.map(({ cosign }) => `- ${codeSpan(cosign)}\n`),
        close: '\n</details>\n\n',
      },
    ],
    foot: next === null ? '' : `Next: ${codeSpan(next)}\n`,
    whole: 'Everything is in `promograph verify --output json`.',
  };
  return fitMarkdown(parts, options.budgetChars ?? DEFAULT_BUDGET_CHARS);
}

function section(
  frame: { readonly open: string; readonly close: string },
  findings: readonly VerifyFinding[],
): MarkdownSection {
  return {
    open: frame.open + row('Kind', 'Image', 'Digest', 'Tags', 'Why') + row('---', '---', '---', '---', '---'),
    rows: findings.map((finding) =>
      row(
        codeSpan(finding.kind),
        codeSpan(finding.repository),
        codeSpan(finding.digest),
        finding.tags.map(codeSpan).join(', '),
        verifyNotes(finding).map(prose).join('<br>'),
      ),
    ),
    close: frame.close,
  };
}
