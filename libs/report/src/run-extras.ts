// SPDX-License-Identifier: Apache-2.0
import type { GateReport } from './gate-report.ts';
import type { TrustReceipt } from './sign-receipt.ts';

/** What a run has beside its promotion receipts. */
export interface RunExtras {
  readonly gate?: GateReport | null;
  readonly trust?: readonly TrustReceipt[];
}
