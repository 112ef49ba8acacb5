// SPDX-License-Identifier: Apache-2.0
import type { FrontDoor, RangeTable } from '@promograph/redirect';

/** What a reload replaces and a stop changes. */
export interface RunningState {
  door: FrontDoor;
  ranges: RangeTable | null;
  isDraining: boolean;
}
