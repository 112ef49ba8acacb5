// SPDX-License-Identifier: Apache-2.0
import { ALL_LOST_WARNING } from './plan-counts.ts';
import { destinationCount } from './plan-report.ts';
import { printable } from './printable.ts';
import { renderGateText } from './gate-text.ts';
import { nextAfterPromote, receiptConclusion, receiptCounts } from './receipt-counts.ts';
import { receiptLine } from './receipt-lines.ts';
import type { PromoteReceipt } from './receipt.ts';
import type { RunExtras } from './run-extras.ts';
import { heading, type TextOptions, textLines, nextLine } from './text-lines.ts';
import { renderTrustText } from './trust-text.ts';

/**
 * What a promotion did, for people at a terminal: per project and image what was added and tagged, and in full what was
 * refused or failed, then what the gate found and what was signed. Counts, bytes, waits and the next command are the last
 * lines. Present edges are only counted.
 */
export function renderReceiptText(receipts: readonly PromoteReceipt[], options: TextOptions & RunExtras = {}): string {
  const { gate = null, trust = [] } = options;
  const lines = receipts.flatMap((receipt) => projectText(receipt, options));
  if (gate !== null) lines.push(renderGateText(gate, options).trimEnd());
  if (trust.length > 0) lines.push(renderTrustText(trust, options).trimEnd());
  lines.push(...receiptConclusion(receipts).map((line, index) => (index === 0 ? heading(line, options) : line)));
  const next = options.next ?? nextAfterPromote(receipts);
  lines.push(...nextLine(next));
  return `${lines.join('\n')}\n`;
}

function projectText(receipt: PromoteReceipt, options: TextOptions): readonly string[] {
  const told = receipt.edges.filter(({ outcome }) => outcome !== 'present');
  if (told.length === 0) return [];
  const counts = receiptCounts([receipt]);
  const layout = { ...options, destinations: destinationCount(receipt.edges) };
  return [
    heading(`${printable(receipt.project)}: ${counts}`, options),
    ...(receipt.allLost === true ? [`  ${ALL_LOST_WARNING}`] : []),
    ...textLines(told.map(receiptLine), layout),
    '',
  ];
}
