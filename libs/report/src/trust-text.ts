// SPDX-License-Identifier: Apache-2.0
import { printable, shortDigest } from './printable.ts';
import type { TrustedDigest, TrustReceipt } from './sign-receipt.ts';
import { heading, type TextOptions } from './text-lines.ts';
import { printTrustCounts, TRUST_SYMBOLS, trustConclusion, trustCounts, trustNotes } from './trust-lines.ts';

/**
 * What was signed and attested, for people at a terminal: per project and stage the digests with what was written about
 * them, failures in full, then the counts. Digests that had it before are only counted. Empty without receipts.
 */
export function renderTrustText(receipts: readonly TrustReceipt[], options: TextOptions = {}): string {
  const lines = receipts.flatMap((receipt) => receiptText(receipt, options));
  lines.push(...trustConclusion(receipts));
  return lines.map((line) => `${line}\n`).join('');
}

function receiptText(receipt: TrustReceipt, options: TextOptions): readonly string[] {
  const told = receipt.digests.filter(({ outcome }) => outcome !== 'present');
  if (told.length === 0) return [];
  const { stage, project } = receipt;
  const title = `${printable(project)}, ${stage}: ${printTrustCounts(stage, trustCounts([receipt]))}`;
  const byReference = Map.groupBy(told, ({ reference, repository }) => `${reference}\n${repository}`);
  return [heading(title, options), ...[...byReference.values()].flatMap(referenceText), ''];
}

function referenceText(digests: readonly TrustedDigest[]): readonly string[] {
  const [first] = digests;
  if (first === undefined) return [];
  const { reference, repository } = first;
  const where = reference === repository ? '' : ` at ${printable(repository)}`;
  return [`  ${printable(reference)}${where}`, ...digests.flatMap(digestText)];
}

function digestText(entry: TrustedDigest): readonly string[] {
  const digest = entry.outcome === 'failed' ? printable(entry.digest) : shortDigest(entry.digest);
  const notes = trustNotes(entry).map((note) => `        ${printable(note)}`);
  return [`    ${TRUST_SYMBOLS[entry.outcome]} ${digest}`, ...notes];
}
