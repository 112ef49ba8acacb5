// SPDX-License-Identifier: Apache-2.0
import {
  ARRIVAL_JITTER_MS,
  BURST_TOLERANCE_MS,
  DECREASE_EPOCH_MS,
  DECREASE_FACTOR,
  INCREASE_PER_SECOND,
  LEAST_LEARNT_RATE,
  LOWEST_SHARE,
  MAX_PAUSE_MS,
  QUIET_BEFORE_INCREASE_MS,
  RELEASE_MULTIPLE,
  UNSPECIFIED_PAUSE_MS,
} from './defaults.ts';
import type { Outcome } from './limiter.ts';

/**
 * The arithmetic of one host's budget, without timers: GCRA for the pace, a shared pause after Retry-After, and a rate
 * that falls at 429 and recovers slowly (AIMD), never above the cap. Times are milliseconds of one monotonic clock.
 */
export class HostBudget {
  readonly #cap: number | null;
  /** Requests per second now; null while nothing limits the host. */
  #rate: number | null;
  #ceiling: number | null;
  /** GCRA's theoretical arrival time of the next request. */
  #arrival = -Infinity;
  #notBefore = -Infinity;
  #lastRefusal = -Infinity;
  #lastDecrease = -Infinity;
  #lastIncrease = -Infinity;
  #secondStart = -Infinity;
  #secondCount = 0;
  #previousCount = 0;

  constructor(cap: number | null) {
    this.#cap = cap;
    this.#rate = cap;
    this.#ceiling = cap;
  }

  /** Earliest time at which the next request may leave. */
  readyAt(): number {
    return this.#rate === null ? this.#notBefore : Math.max(this.#notBefore, this.#arrival - BURST_TOLERANCE_MS);
  }

  /** Spends one request at `now`, which must not be before `readyAt`. */
  take(now: number): void {
    this.#count(now);
    if (this.#rate !== this.#cap) this.#recover(now);
    if (this.#rate === null) return;
    // No half-open span of a second and the jitter holds more than `rate` requests, the tolerated run-ahead included.
    const interval = (1000 + ARRIVAL_JITTER_MS + BURST_TOLERANCE_MS) / this.#rate;
    this.#arrival = Math.max(this.#arrival, now) + interval;
  }

  /** Takes note of the host's answer. */
  report(now: number, outcome: Outcome): void {
    const throttled = outcome.status === 429;
    if (!throttled && outcome.retryAfterMs === undefined) return;
    const pause = outcome.retryAfterMs ?? UNSPECIFIED_PAUSE_MS;
    this.#notBefore = Math.max(this.#notBefore, now + Math.min(Math.max(pause, 0), MAX_PAUSE_MS));
    if (throttled) this.#decrease(now);
  }

  #decrease(now: number): void {
    this.#lastRefusal = now;
    this.#lastIncrease = now;
    if (now - this.#lastDecrease < DECREASE_EPOCH_MS) return;
    this.#lastDecrease = now;
    const ceiling = (this.#ceiling ??= Math.max(LEAST_LEARNT_RATE, this.#observedRate(now)));
    this.#rate = Math.max((this.#rate ?? ceiling) * DECREASE_FACTOR, ceiling * LOWEST_SHARE);
  }

  #recover(now: number): void {
    if (this.#rate === null || this.#ceiling === null) return;
    const quietSince = this.#lastRefusal + QUIET_BEFORE_INCREASE_MS;
    const from = Math.max(quietSince, this.#lastIncrease);
    if (now <= from) return;
    this.#lastIncrease = now;
    this.#rate += (this.#ceiling * INCREASE_PER_SECOND * (now - from)) / 1000;
    if (this.#cap !== null) {
      this.#rate = Math.min(this.#rate, this.#cap);
    } else if (this.#rate >= this.#ceiling * RELEASE_MULTIPLE) {
      this.#rate = null;
      this.#ceiling = null;
    }
  }

  #count(now: number): void {
    if (now - this.#secondStart >= 1000) {
      this.#previousCount = now - this.#secondStart < 2000 ? this.#secondCount : 0;
      this.#secondStart = now;
      this.#secondCount = 0;
    }
    this.#secondCount += 1;
  }

  #observedRate(now: number): number {
    return now - this.#secondStart >= 2000 ? 1 : Math.max(this.#previousCount, this.#secondCount);
  }
}
