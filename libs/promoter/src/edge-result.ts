// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { PlannedAction } from '@promograph/plan';
import type { ReceiptReason } from '@promograph/report';

/** How one edge ended. `planned` is what a dry run would have done, `skipped` was never begun. */
export interface EdgeResult {
  readonly planned: PlannedAction;
  readonly outcome: 'added' | 'copied' | 'tagged' | 'present' | 'refused' | 'lost' | 'failed' | 'skipped' | 'planned';
  /** What a tag that was found moved points to. */
  readonly observed?: Digest;
  readonly reason?: ReceiptReason;
  readonly error?: unknown;
}

/** What copying cost, added up over destinations. */
export interface CopyTotals {
  readonly copiedBytes: number;
  readonly mountedBytes: number;
  readonly copiedBlobs: number;
  readonly mountedBlobs: number;
}

/** Nothing copied yet. */
export const NO_COPIES: CopyTotals = { copiedBytes: 0, mountedBytes: 0, copiedBlobs: 0, mountedBlobs: 0 };

/** The sum of two. */
export function addTotals(left: CopyTotals, right: CopyTotals): CopyTotals {
  return {
    copiedBytes: left.copiedBytes + right.copiedBytes,
    mountedBytes: left.mountedBytes + right.mountedBytes,
    copiedBlobs: left.copiedBlobs + right.copiedBlobs,
    mountedBlobs: left.mountedBlobs + right.mountedBlobs,
  };
}
