// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { mixedPlans, mixedReceipt, quietPlans, receiptEdge, receiptOf } from '../test/fixtures.ts';
import { nextAfterPlan } from './plan-counts.ts';
import { planReport } from './plan-report.ts';
import { addReceipts, nextAfterPromote, receiptConclusion } from './receipt-counts.ts';
import { renderReceiptText } from './receipt-text.ts';
import type { PromoteReceipt, ReceiptEdge } from './receipt.ts';

const run = (confirmed: boolean, ...edges: readonly Partial<ReceiptEdge>[]): PromoteReceipt =>
  receiptOf(edges.map(receiptEdge), { confirmed });

describe('addReceipts', () => {
  it('sums counts, bytes and waits', () => {
    const one = mixedReceipt().summary;

    expect(addReceipts([mixedReceipt(), mixedReceipt()])).toEqual(
      Object.fromEntries(Object.entries(one).map(([key, amount]) => [key, 2 * amount])),
    );
  });

  it('is all zero for no receipt', () => {
    expect(Object.values(addReceipts([])).every((amount) => amount === 0)).toBe(true);
  });
});

describe('the conclusion of a promotion', () => {
  it('never says promoted of a dry run', () => {
    expect(receiptConclusion([run(false, { outcome: 'planned' })])).toEqual([
      'Dry run, nothing was written: 1 planned; 1 project.',
    ]);
  });

  it('says so when there was no edge at all', () => {
    expect(receiptConclusion([run(true)])[0]).toBe('Promoted: no edges; 1 project.');
  });

  it('tells what is copied and not tagged yet from what is added', () => {
    const receipt = run(true, { outcome: 'added' }, { outcome: 'copied' }, { outcome: 'copied' });

    expect(receipt.summary.copied).toBe(3);
    expect(receiptConclusion([receipt])[0]).toBe('Promoted: 1 added, 2 copied and not tagged yet; 1 project.');
  });

  it('only counts what was present', () => {
    expect(renderReceiptText([run(true, { outcome: 'present' })])).toMatch(/^Promoted: 1 present; 1 project\.\n/);
  });
});

describe('the next command', () => {
  it.each<[string, PromoteReceipt[], string | null]>([
    [
      'promotes for real after a dry run',
      [run(false, { outcome: 'planned' })],
      'promograph promote --project alpha --confirm',
    ],
    ['takes up what failed', [run(true, { outcome: 'failed' })], 'promograph promote --project alpha --confirm'],
    [
      'takes up what was not reached',
      [run(true, { outcome: 'skipped' })],
      'promograph promote --project alpha --confirm',
    ],
    [
      'shows the plan where something was refused',
      [run(true, { outcome: 'refused' })],
      'promograph plan --project alpha',
    ],
    ['names no project for several', [run(true, { outcome: 'failed' }), run(true)], 'promograph promote --confirm'],
    ['is none when everything is done', [run(true, {}, { outcome: 'present' })], null],
  ])('%s', (_name, receipts, next) => {
    expect(nextAfterPromote(receipts)).toBe(next);
  });

  it('after a plan promotes, or reads again what was unreadable, or is none', () => {
    const mixed = planReport(mixedPlans());
    const unreadable = { ...mixed, summary: { ...mixed.summary, add: 0, tag: 0 } };

    expect(nextAfterPlan(mixed)).toBe('promograph promote --confirm');
    expect(nextAfterPlan(unreadable)).toBe('promograph plan');
    expect(nextAfterPlan(planReport(quietPlans()))).toBeNull();
  });

  it('is the one that the caller gives', () => {
    expect(renderReceiptText([run(true, {})], { next: 'make deploy' })).toMatch(/\nNext: make deploy\n$/);
  });
});
