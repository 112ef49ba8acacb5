// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { planReport } from '../src/plan-report.ts';
import {
  printPlanJson,
  renderFindingsText,
  renderPlanMarkdown,
  renderPlanText,
  renderReceiptMarkdown,
  renderReceiptText,
  renderValidateMarkdown,
  renderValidateText,
  validateReport,
} from '../src/index.ts';
import {
  findings,
  hostilePlans,
  longPlans,
  lostPlans,
  mixedPlans,
  mixedReceipt,
  quietPlans,
  receiptEdge,
  receiptOf,
} from './fixtures.ts';

const mixed = planReport(mixedPlans());
const validation = validateReport(findings(), { projects: ['alpha', 'beta'] });
const clean = receiptOf([receiptEdge({}), receiptEdge({ hex: 'bb', outcome: 'present' })], { confirmed: true });
const dryRun = receiptOf([receiptEdge({ outcome: 'planned' }), receiptEdge({ hex: 'bb', outcome: 'present' })], {
  confirmed: false,
});

/** Written by `UPDATE_GOLDEN=1 npx vitest run libs/report/test`, then read like any other change. */
const golden: readonly { file: string; text: () => string }[] = [
  { file: 'plan.txt', text: () => renderPlanText(mixed) },
  { file: 'plan-narrow.txt', text: () => renderPlanText(mixed, { width: 72 }) },
  { file: 'plan-colour.txt', text: () => renderPlanText(mixed, { colour: true }) },
  { file: 'plan-all.txt', text: () => renderPlanText(planReport(mixedPlans(), { all: true })) },
  { file: 'plan-nothing.txt', text: () => renderPlanText(planReport(quietPlans())) },
  { file: 'plan-all-lost.txt', text: () => renderPlanText(planReport(lostPlans())) },
  { file: 'plan-hostile.txt', text: () => renderPlanText(planReport(hostilePlans())) },
  // Prettier would rewrite files that it knows by their extension, hence `.golden`.
  { file: 'plan.json.golden', text: () => printPlanJson(mixed) },
  { file: 'plan.md.golden', text: () => renderPlanMarkdown(mixed) },
  { file: 'plan-nothing.md.golden', text: () => renderPlanMarkdown(planReport(quietPlans())) },
  { file: 'plan-all-lost.md.golden', text: () => renderPlanMarkdown(planReport(lostPlans())) },
  { file: 'plan-hostile.md.golden', text: () => renderPlanMarkdown(planReport(hostilePlans())) },
  { file: 'plan-trimmed.md.golden', text: () => renderPlanMarkdown(planReport(longPlans(200)), { budgetChars: 2500 }) },
  { file: 'findings.txt', text: () => renderFindingsText(findings()) },
  { file: 'validate.txt', text: () => renderValidateText(validation) },
  { file: 'validate-nothing.txt', text: () => renderValidateText(validateReport([], { projects: ['alpha'] })) },
  { file: 'validate.md.golden', text: () => renderValidateMarkdown(validation) },
  { file: 'receipt.txt', text: () => renderReceiptText([mixedReceipt()]) },
  { file: 'receipt-clean.txt', text: () => renderReceiptText([clean]) },
  { file: 'receipt-dry-run.txt', text: () => renderReceiptText([dryRun]) },
  { file: 'receipt.md.golden', text: () => renderReceiptMarkdown([mixedReceipt()]) },
  { file: 'receipt-dry-run.md.golden', text: () => renderReceiptMarkdown([dryRun]) },
];

describe('rendered reports', () => {
  it.each(golden)('are byte for byte $file', ({ file, text }) => {
    const path = fileURLToPath(new URL(`golden/${file}`, import.meta.url));
    const rendered = text();
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, rendered);

    expect(rendered).toBe(readFileSync(path, 'utf8'));
  });
});
