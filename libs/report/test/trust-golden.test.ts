// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  addGates,
  planReport,
  renderGateText,
  renderPlanMarkdown,
  renderPlanText,
  renderReceiptMarkdown,
  renderReceiptText,
  renderReplicateMarkdown,
  renderReplicateText,
  renderTrustText,
  renderValidateMarkdown,
  renderValidateText,
  renderVerifyMarkdown,
  renderVerifyText,
  validateReport,
} from '../src/index.ts';
import { quietPlans, lostPlans, receiptEdge, receiptOf } from './fixtures.ts';
import { gateReport, plannedTrust, replicateReport, trustReceipts, verifyReport } from './trust-fixtures.ts';

const gate = gateReport();
const trust = trustReceipts();
const validation = validateReport([], { projects: ['alpha'], gate });
const refusal = { code: 'SIG_PAYLOAD_DIGEST', message: 'a signature in a trusted name is wrong' };
const edges = [
  receiptEdge({}),
  receiptEdge({ hex: 'bb', outcome: 'refused', reason: 'signature', error: refusal }),
  receiptEdge({ hex: 'cc', outcome: 'copied' }),
];
const receipts = [{ ...receiptOf(edges, { confirmed: true }), unsigned: 1 }];
const plan = planReport([...quietPlans(), ...lostPlans()], {
  gateOf: (project) =>
    project === 'delta' ? { signatures: 'require', provenance: 'require', level: 3, scan: 4 } : null,
});

/** Written by `UPDATE_GOLDEN=1 npx vitest run libs/report/test`, then read like any other change. */
const golden: readonly { file: string; text: () => string }[] = [
  { file: 'trust.txt', text: () => renderTrustText(trust) },
  { file: 'trust-dry-run.txt', text: () => renderTrustText(plannedTrust()) },
  { file: 'gate.txt', text: () => renderGateText(gate) },
  { file: 'validate-gate.txt', text: () => renderValidateText(validation) },
  { file: 'validate-gate.md.golden', text: () => renderValidateMarkdown(validation) },
  { file: 'run.txt', text: () => renderReceiptText(receipts, { gate, trust }) },
  { file: 'run.md.golden', text: () => renderReceiptMarkdown(receipts, { gate, trust }) },
  { file: 'verify.txt', text: () => renderVerifyText(verifyReport()) },
  { file: 'verify-colour.txt', text: () => renderVerifyText(verifyReport(), { colour: true }) },
  { file: 'verify.md.golden', text: () => renderVerifyMarkdown(verifyReport()) },
  { file: 'replicate.txt', text: () => renderReplicateText(replicateReport(true)) },
  { file: 'replicate-dry-run.txt', text: () => renderReplicateText(replicateReport(false)) },
  { file: 'replicate.md.golden', text: () => renderReplicateMarkdown(replicateReport(true)) },
  { file: 'plan-gate.txt', text: () => renderPlanText(plan) },
  { file: 'plan-gate.md.golden', text: () => renderPlanMarkdown(plan) },
];

describe('rendered reports of signing and gate', () => {
  it.each(golden)('are byte for byte $file', ({ file, text }) => {
    const path = fileURLToPath(new URL(`golden/${file}`, import.meta.url));
    const rendered = text();
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, rendered);

    expect(rendered).toBe(readFileSync(path, 'utf8'));
  });
});

describe('several gates', () => {
  it('are one with the sums of their counts', () => {
    const sum = addGates([gate, gate]);

    expect(sum?.summary).toMatchObject({ digests: 10, refused: 6, failed: 2 });
    expect(sum?.digests).toHaveLength(10);
  });

  it('are none where there is none', () => {
    expect(addGates([])).toBeNull();
  });
});
