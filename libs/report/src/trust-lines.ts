// SPDX-License-Identifier: Apache-2.0
import { count } from './measures.ts';
import type { TrustOutcome, TrustReceipt, TrustedDigest } from './sign-receipt.ts';

/** Sums over the receipts of one stage. */
export interface TrustCounts {
  readonly written: number;
  readonly planned: number;
  readonly present: number;
  readonly failed: number;
  readonly skipped: number;
  readonly notLookedAt: number;
  readonly certificates: number;
  readonly logEntries: number;
}

/** Adds up receipts; what a dry run would write is counted from its digests. */
export function trustCounts(receipts: readonly TrustReceipt[]): TrustCounts {
  const sum = (of: (receipt: TrustReceipt) => number): number =>
    receipts.reduce((total, receipt) => total + of(receipt), 0);
  return {
    written: sum(({ summary }) => summary.written),
    planned: sum(({ digests }) => digests.filter(({ outcome }) => outcome === 'planned').length),
    present: sum(({ summary }) => summary.present),
    failed: sum(({ summary }) => summary.failed),
    skipped: sum(({ summary }) => summary.skipped),
    notLookedAt: sum(({ summary }) => summary.notLookedAt),
    // Every receipt of a run has the count of the whole run.
    certificates: Math.max(0, ...receipts.map(({ summary }) => summary.certificates)),
    logEntries: sum(({ summary }) => summary.logEntries),
  };
}

const DONE: Readonly<Record<TrustReceipt['stage'], string>> = { sign: 'signed', attest: 'attested' };

/** `3 signed, 12 present, 1 failed`: what there is none of is not said. */
export function printTrustCounts(stage: TrustReceipt['stage'], counts: TrustCounts): string {
  const parts: readonly (readonly [number, string])[] = [
    [counts.planned, 'planned'],
    [counts.written, DONE[stage]],
    [counts.present, `${DONE[stage]} before`],
    [counts.failed, 'failed'],
    [counts.skipped, 'skipped'],
  ];
  const told = parts.filter(([amount]) => amount > 0).map(([amount, what]) => `${amount} ${what}`);
  return told.length === 0 ? 'no digests' : told.join(', ');
}

const TITLES: Readonly<Record<TrustReceipt['stage'], string>> = { sign: 'Signatures', attest: 'Attestations' };

/** The sentences that end a stage: what became of the digests, what it used, and what it did not look at. */
export function trustConclusion(receipts: readonly TrustReceipt[]): readonly string[] {
  return (['sign', 'attest'] as const).flatMap((stage) => {
    const own = receipts.filter((receipt) => receipt.stage === stage);
    if (own.length === 0) return [];
    const counts = trustCounts(own);
    const services = [
      ...(counts.logEntries > 0 ? [count(counts.logEntries, 'log entry', 'log entries')] : []),
      ...(counts.certificates > 0 ? [count(counts.certificates, 'certificate')] : []),
    ];
    const used = services.length === 0 ? '' : `; ${services.join(', ')}`;
    return [
      `${TITLES[stage]}: ${printTrustCounts(stage, counts)}${used}.`,
      ...(stage === 'sign' ? notLookedAt(counts.notLookedAt) : []),
    ];
  });
}

/** Told of signatures only: the stage that attests looks at the same digests. */
function notLookedAt(amount: number): readonly string[] {
  if (amount === 0) return [];
  const what = `${count(amount, 'digest')} ${amount === 1 ? 'was' : 'were'}`;
  return [`${what} at the destinations before this run and not looked at: --scope present gates and signs them too.`];
}

/** What a digest's line says below it: the error, or where the evidence is. */
export function trustNotes({ error, written = [] }: TrustedDigest): readonly string[] {
  if (error !== undefined) {
    return [`${error.code}: ${error.message}`, ...(error.hint === undefined ? [] : [error.hint])];
  }
  return written.map(({ layout, digest, predicateType, log }) => {
    const what = predicateType === undefined ? layout : `${layout} ${predicateType}`;
    return `${what} ${digest}${log === undefined ? '' : `, log index ${log.logIndex}`}`;
  });
}

/** Symbols before lines, as plans and receipts have them. */
export const TRUST_SYMBOLS: Readonly<Record<TrustOutcome, string>> = {
  written: '+',
  present: '=',
  failed: 'x',
  skipped: '-',
  planned: '>',
};
