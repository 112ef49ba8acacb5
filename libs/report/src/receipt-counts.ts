// SPDX-License-Identifier: Apache-2.0
import { count, printBytes, printDuration } from './measures.ts';
import { shellWord } from './printable.ts';
import type { PromoteReceipt, ReceiptOutcome, ReceiptSummary } from './receipt.ts';

/** The sum of several receipts: counts, bytes and waits of a whole run. */
export function addReceipts(receipts: readonly PromoteReceipt[]): ReceiptSummary {
  const sum = { copied: 0, tagged: 0, present: 0, skipped: 0, refused: 0, lost: 0, failed: 0 };
  const moved = { copiedBytes: 0, mountedBytes: 0, copiedBlobs: 0, mountedBlobs: 0, waitedMs: 0, retries: 0 };
  const total = { ...sum, ...moved };
  for (const { summary } of receipts) {
    for (const key of Object.keys(total) as (keyof ReceiptSummary)[]) total[key] += summary[key];
  }
  return total;
}

/** `12 added, 3 tagged, 1 failed` over these receipts: what there is none of is not said. */
export function receiptCounts(receipts: readonly PromoteReceipt[]): string {
  const summary = addReceipts(receipts);
  const untagged = edgesWith(receipts, 'copied');
  const parts: readonly (readonly [number, string])[] = [
    [plannedEdges(receipts), 'planned'],
    [summary.copied - untagged, 'added'],
    [untagged, 'copied and not tagged yet'],
    [summary.tagged, 'tagged'],
    [summary.present, 'present'],
    [summary.failed, 'failed'],
    [summary.refused, 'refused'],
    [summary.lost, 'lost'],
    [summary.skipped, 'skipped'],
  ];
  const told = parts.filter(([amount]) => amount > 0).map(([amount, what]) => `${amount} ${what}`);
  return told.length === 0 ? 'no edges' : told.join(', ');
}

/** How many edges a dry run would have written. */
function plannedEdges(receipts: readonly PromoteReceipt[]): number {
  return edgesWith(receipts, 'planned');
}

function edgesWith(receipts: readonly PromoteReceipt[], wanted: ReceiptOutcome): number {
  return receipts.reduce((sum, { edges }) => sum + edges.filter(({ outcome }) => outcome === wanted).length, 0);
}

/** The sentences that end a promotion: what happened to the edges, then what moved and what it waited for. */
export function receiptConclusion(receipts: readonly PromoteReceipt[]): readonly string[] {
  const total = addReceipts(receipts);
  const counts = `${receiptCounts(receipts)}; ${count(receipts.length, 'project')}.`;
  if (!receipts.some(({ confirmed }) => confirmed)) return [`Dry run, nothing was written: ${counts}`];
  const copied = `${printBytes(total.copiedBytes)} in ${count(total.copiedBlobs, 'blob')}`;
  const mounted = `${printBytes(total.mountedBytes)} in ${count(total.mountedBlobs, 'blob')}`;
  const waits = `Waited ${printDuration(total.waitedMs)} for the registries' quotas; ${count(total.retries, 'request')} tried again.`;
  return [`Promoted: ${counts}`, `Copied ${copied}, mounted ${mounted}.`, waits, ...unsignedConclusion(receipts)];
}

/** Where the tree signs and this run did not: how much was published without a signature, and how to mend it. */
function unsignedConclusion(receipts: readonly PromoteReceipt[]): readonly string[] {
  const unsigned = receipts.reduce((sum, receipt) => sum + (receipt.unsigned ?? 0), 0);
  if (unsigned === 0) return [];
  const what = `${count(unsigned, 'digest')} of this run ${unsigned === 1 ? 'is' : 'are'} published and not signed`;
  return [`${what}: \`promograph sign --scope present --confirm\` gates and signs them.`];
}

/** The next command to type, or null when there is none that helps. */
export function nextAfterPromote(receipts: readonly PromoteReceipt[]): string | null {
  const total = addReceipts(receipts);
  const [only] = receipts;
  const scope = receipts.length === 1 && only !== undefined ? ` --project ${shellWord(only.project)}` : '';
  if (plannedEdges(receipts) + total.failed + total.skipped > 0) return `promograph promote${scope} --confirm`;
  return total.refused + total.lost > 0 ? `promograph plan${scope}` : null;
}
