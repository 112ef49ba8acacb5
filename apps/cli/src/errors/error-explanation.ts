// SPDX-License-Identifier: Apache-2.0
import type { Outcome } from '../exit-code.ts';

/** What an error code means, for `explain`, and how a run ends that it stops. */
export interface ErrorExplanation {
  readonly outcome: Outcome;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}
