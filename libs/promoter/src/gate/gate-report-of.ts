// SPDX-License-Identifier: Apache-2.0
import { compareText } from '@promograph/plan';
import type { GatedDigest, GateReport, VerdictKind } from '@promograph/report';

/** The report over gated digests, sorted by source and digest. */
export function gateReportOf(digests: readonly GatedDigest[]): GateReport {
  const count = (kind: VerdictKind): number => digests.filter(({ signature }) => signature.verdict === kind).length;
  return {
    summary: {
      digests: digests.length,
      verified: count('verified'),
      absent: count('absent'),
      untrusted: count('untrusted'),
      unverifiable: count('unverifiable'),
      failed: count('failed'),
      refused: digests.filter(({ refused }) => refused !== undefined).length,
    },
    digests: digests.toSorted((a, b) => compareText(a.source, b.source) || compareText(a.digest, b.digest)),
  };
}
