// SPDX-License-Identifier: Apache-2.0

/** How far ahead of the even pace a host's budget may run, milliseconds: makes up for timers that fire late. */
export const BURST_TOLERANCE_MS = 20;

/**
 * How much later than its neighbours a request may arrive without the host seeing more than its budget in one second. Together
 * with the tolerance it costs 6 % of the budget; a single 429 costs more.
 */
export const ARRIVAL_JITTER_MS = 40;

/** Longest pause that a host's Retry-After can impose. */
export const MAX_PAUSE_MS = 300_000;

/** Pause after a 429 that does not say how long to wait. */
export const UNSPECIFIED_PAUSE_MS = 250;

/** On 429 the rate is multiplied by this, at most once per `DECREASE_EPOCH_MS`: one burst of refusals is one signal. */
export const DECREASE_FACTOR = 0.7;
export const DECREASE_EPOCH_MS = 1000;

/** After this long without a 429 the rate grows again, by this share of its ceiling each second. */
export const QUIET_BEFORE_INCREASE_MS = 3000;
export const INCREASE_PER_SECOND = 0.02;

/** The rate never falls below this share of its ceiling, so that a host in trouble is still asked now and then. */
export const LOWEST_SHARE = 0.02;

/** Least ceiling, requests per second, that a refusal teaches of a host without a budget: few of its requests say little. */
export const LEAST_LEARNT_RATE = 10;

/** A host without a budget that once refused is let go free again at this multiple of the rate that it refused. */
export const RELEASE_MULTIPLE = 2;

/** Life of a tag lease that nobody renews: how long a killed process can hold a tag back. */
export const DEFAULT_LEASE_TTL_MS = 15_000;
