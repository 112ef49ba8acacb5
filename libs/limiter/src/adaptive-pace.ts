// SPDX-License-Identifier: Apache-2.0
import {
  CAREFUL_DECREASE_FACTOR,
  CAREFUL_GROWTH,
  DECREASE_EPOCH_MS,
  DECREASE_FACTOR,
  FAST_GROWTH,
  HARSH_DECREASE_FACTOR,
  LEAST_LEARNT_RATE,
  LOWEST_SHARE,
  NEAR_REFUSAL,
  QUIET_BEFORE_INCREASE_MS,
  RELEASE_MULTIPLE,
} from './defaults.ts';

/** What a host's refusals taught. Rates are requests per second, times those of the store's clock. */
export interface PaceState {
  /** Share of the ceiling that is used now. */
  factor: number;
  /** Ceiling of a host without a cap that refused; null where nothing is known. */
  learnt: number | null;
  /** The rate at which the host last refused; 0 where it never did. */
  refusedRate: number;
  lastRefusal: number;
  lastDecrease: number;
  lastIncrease: number;
}

/** A time before all others that JSON can carry. */
export const LONG_AGO = -1e15;

/** Nothing learnt yet. */
export function freshPace(): PaceState {
  const times = { lastRefusal: LONG_AGO, lastDecrease: LONG_AGO, lastIncrease: LONG_AGO };
  return { factor: 1, learnt: null, refusedRate: 0, ...times };
}

/** The rate that holds now, or null where nothing limits it. */
export function paceRate(pace: PaceState, cap: number | null): number | null {
  const ceiling = cap ?? pace.learnt;
  return ceiling === null ? null : ceiling * pace.factor;
}

/**
 * Multiplicative decrease after a refusal, once per epoch: a burst of refusals is one signal. `observed` is the rate of the
 * last second, which a host without a cap is measured by.
 */
export function decreasePace(pace: PaceState, now: number, seen: { cap: number | null; observed: number }): void {
  pace.lastRefusal = now;
  pace.lastIncrease = now;
  const sinceLast = now - pace.lastDecrease;
  if (sinceLast < DECREASE_EPOCH_MS) return;
  pace.lastDecrease = now;
  const ceiling = seen.cap ?? (pace.learnt ??= Math.max(LEAST_LEARNT_RATE, seen.observed));
  const rate = ceiling * pace.factor;
  pace.factor = Math.max(pace.factor * decreaseFor(pace, rate, sinceLast), LOWEST_SHARE);
  pace.refusedRate = rate;
}

/** Where the limit is known already a small step is enough; where the last step was not enough, a large one is due. */
function decreaseFor({ refusedRate }: PaceState, rate: number, sinceLastMs: number): number {
  if (sinceLastMs < QUIET_BEFORE_INCREASE_MS + DECREASE_EPOCH_MS) return HARSH_DECREASE_FACTOR;
  const isNear = refusedRate > 0 && rate <= refusedRate * NEAR_REFUSAL && rate * NEAR_REFUSAL >= refusedRate;
  return isNear ? CAREFUL_DECREASE_FACTOR : DECREASE_FACTOR;
}

/** Growth after a quiet while: fast up to what the host bore, carefully past the rate it refused, then fast again. */
export function recoverPace(pace: PaceState, now: number, cap: number | null): void {
  const ceiling = cap ?? pace.learnt;
  if (ceiling === null || (cap !== null && pace.factor >= 1)) return;
  const from = Math.max(pace.lastRefusal + QUIET_BEFORE_INCREASE_MS, pace.lastIncrease);
  if (now <= from) return;
  pace.lastIncrease = now;
  const rate = ceiling * pace.factor;
  const isProbing = rate * NEAR_REFUSAL >= pace.refusedRate && rate <= pace.refusedRate * NEAR_REFUSAL;
  // A long silence is not a long success: at most a second of growth for each look.
  const seconds = Math.min(now - from, 1000) / 1000;
  const grown = rate + pace.refusedRate * (isProbing ? CAREFUL_GROWTH : FAST_GROWTH) * seconds;
  pace.factor = grown / ceiling;
  if (cap !== null) pace.factor = Math.min(1, pace.factor);
  else if (grown >= ceiling * RELEASE_MULTIPLE) Object.assign(pace, freshPace());
}
