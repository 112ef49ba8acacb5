// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_BUDGET_CHARS, fitMarkdown, type MarkdownSection } from './fit-markdown.ts';
import { gateConclusion } from './gate-lines.ts';
import { gateSections } from './gate-markdown.ts';
import { codeSpan, prose, row, sentence } from './markdown-text.ts';
import type { MarkdownOptions } from './plan-markdown.ts';
import type { ValidateReport, ValidateReportFinding } from './validate-artifact.ts';
import { nextAfterValidate, validateConclusion } from './validate-text.ts';

/** A validation as a pull request comment or job summary: counts, errors, then warnings folded. */
export function renderValidateMarkdown(report: ValidateReport, options: MarkdownOptions = {}): string {
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  const next = options.next ?? nextAfterValidate(report);
  const verdict = report.gate === undefined ? '' : `${gateConclusion(report.gate)}\n\n`;
  const parts = {
    head: `## Manifest validation\n\n**${sentence(validateConclusion(report))}**\n\n${verdict}`,
    sections: [
      section({ open: '### Errors\n\n', close: '\n' }, errors),
      section({ open: '<details><summary>Warnings</summary>\n\n', close: '\n</details>\n\n' }, warnings),
      ...(report.gate === undefined ? [] : gateSections(report.gate)),
    ],
    foot: `Next: ${codeSpan(next)}\n`,
    whole: 'All findings are in `validate.json` and in `promograph validate --output json`.',
  };
  return fitMarkdown(parts, options.budgetChars ?? DEFAULT_BUDGET_CHARS);
}

function section(
  frame: { readonly open: string; readonly close: string },
  findings: readonly ValidateReportFinding[],
): MarkdownSection {
  return {
    open: frame.open + row('Where', 'Code', 'What', 'What to do') + row('---', '---', '---', '---'),
    rows: findings.map(({ at, code, message, hint, baselined }) =>
      row(codeSpan(at), codeSpan(code), prose(message) + (baselined ? ' (accepted by the baseline)' : ''), prose(hint)),
    ),
    close: frame.close,
  };
}
