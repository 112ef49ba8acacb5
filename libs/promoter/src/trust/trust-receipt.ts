// SPDX-License-Identifier: Apache-2.0
import { compareText } from '@promograph/plan';
import { FORMAT_VERSION, type TrustedDigest, type TrustOutcome, type TrustReceipt } from '@promograph/report';

/** What a receipt of signing or attesting is made from. */
export interface TrustReceiptParts {
  readonly project: string;
  readonly stage: 'sign' | 'attest';
  readonly confirmed: boolean;
  readonly digests: readonly TrustedDigest[];
  readonly notLookedAt: number;
  /** Certificates that the run has asked for. */
  readonly certificates: number;
}

/** The receipt of one project and stage, digests sorted. */
export function printTrustReceipt(parts: TrustReceiptParts): TrustReceipt {
  const { project, stage, confirmed, digests, notLookedAt, certificates } = parts;
  return {
    formatVersion: FORMAT_VERSION,
    project,
    stage,
    confirmed,
    summary: { ...countTrusted(digests), notLookedAt, certificates },
    digests: digests.toSorted((a, b) => compareText(a.repository, b.repository) || compareText(a.digest, b.digest)),
  };
}

/** Counts by what became of the digests. */
export function countTrusted(
  digests: readonly TrustedDigest[],
): Omit<TrustReceipt['summary'], 'notLookedAt' | 'certificates'> {
  const count = (wanted: TrustOutcome): number => digests.filter(({ outcome }) => outcome === wanted).length;
  return {
    written: count('written'),
    present: count('present'),
    failed: count('failed'),
    skipped: count('skipped'),
    logEntries: digests.flatMap(({ written = [] }) => written.filter(({ log }) => log !== undefined)).length,
  };
}
