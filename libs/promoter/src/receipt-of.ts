// SPDX-License-Identifier: Apache-2.0
import { printPosition } from '@promograph/manifest';
import { compareEdges, type PlannedAction } from '@promograph/plan';
import type { PromoteReceipt, ReceiptEdge } from '@promograph/report';
import { NO_COPIES, type CopyTotals, type EdgeResult } from './edge-result.ts';
import { receiptErrorOf } from './receipt-error.ts';
import type { WireTotals } from './wire-totals.ts';

/** What a receipt is made from. */
export interface ReceiptParts {
  readonly project: string;
  readonly confirmed: boolean;
  readonly results: readonly EdgeResult[];
  readonly allLost: boolean;
  readonly totals: CopyTotals | undefined;
  /** Waits and retries of the run at the project's hosts. */
  readonly wire: WireTotals;
}

/** The receipt of one project: what every edge came to, present ones counted and not listed. */
export function receiptOf({ project, confirmed, results, allLost, totals, wire }: ReceiptParts): PromoteReceipt {
  const count = (outcome: EdgeResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const listed = results.filter(({ outcome }) => outcome !== 'present');
  return {
    formatVersion: '1.0',
    project,
    confirmed,
    ...(allLost ? { allLost: true as const } : {}),
    summary: {
      copied: count('added') + count('copied'),
      tagged: count('tagged'),
      present: count('present'),
      skipped: count('skipped'),
      refused: count('refused'),
      lost: count('lost'),
      failed: count('failed'),
      ...(totals ?? NO_COPIES),
      ...wire,
    },
    edges: listed.toSorted((a, b) => compareEdges(a.planned.edge, b.planned.edge)).map(receiptEdgeOf),
  };
}

/** One edge of a receipt, also a line of the journal. */
export function receiptEdgeOf({ planned, outcome, observed, reason, error }: EdgeResult): ReceiptEdge {
  const { source, destination, digest, tag, at } = planned.edge;
  const seen = observed ?? planned.observed;
  const why = reason ?? planned.reason;
  return {
    source,
    destination,
    digest,
    tag,
    at: printPosition(at),
    outcome,
    ...(why === null ? {} : { reason: why }),
    ...(seen === null ? {} : { observed: seen }),
    ...(planned.conflicts.length === 0 ? {} : { conflicts: [...planned.conflicts] }),
    ...(planned.isAccepted ? { accepted: true as const } : {}),
    ...errorFieldOf(planned, error),
  };
}

function errorFieldOf({ detail }: PlannedAction, error: unknown): Pick<ReceiptEdge, 'error'> {
  if (error !== undefined) return { error: receiptErrorOf(error) };
  return detail === null ? {} : { error: { code: 'OCI_UNSUPPORTED_MEDIA_TYPE', message: detail } };
}
