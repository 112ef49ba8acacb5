// SPDX-License-Identifier: Apache-2.0
import { ARRIVAL_JITTER_MS, BURST_TOLERANCE_MS } from './defaults.ts';

/**
 * GCRA: each grant takes a slot on a line of slots. Returns the time from which the next may be taken, given the theoretical
 * arrival time `tat` that the grants so far have left.
 */
export function pacedReadyAt(tat: number): number {
  return tat - BURST_TOLERANCE_MS;
}

/** The arrival time after one more grant at `now`, which must not be before `pacedReadyAt`. */
export function pacedTake(tat: number, now: number, perSecond: number): number {
  return Math.max(tat, now) + slotMs(perSecond);
}

/** The arrival time after the last grant was given back: right only while nobody took another since. */
export function pacedReturn(tat: number, perSecond: number): number {
  return tat - slotMs(perSecond);
}

/** Length of a slot: no half-open span of a second and the jitter holds more than `perSecond` slots, the tolerance included. */
function slotMs(perSecond: number): number {
  return (1000 + ARRIVAL_JITTER_MS + BURST_TOLERANCE_MS) / perSecond;
}
