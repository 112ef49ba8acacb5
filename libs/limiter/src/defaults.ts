// SPDX-License-Identifier: Apache-2.0

/** How far ahead of the even pace a host's budget may run, milliseconds: makes up for timers that fire late. */
export const BURST_TOLERANCE_MS = 15;

/**
 * How much later than its neighbours a request may arrive without the host seeing more than its budget in one second. Together
 * with the tolerance it costs 8 % of the budget; a single 429 costs more.
 */
export const ARRIVAL_JITTER_MS = 70;

/** Longest pause that a host's Retry-After can impose. */
export const MAX_PAUSE_MS = 300_000;

/** Pause after a 429 that does not say how long to wait. */
export const UNSPECIFIED_PAUSE_MS = 250;

/** On a refusal the rate is multiplied by this, at most once per epoch: one burst of refusals is one signal. */
export const DECREASE_FACTOR = 0.7;
export const DECREASE_EPOCH_MS = 1000;
/** The same where the last decrease was not enough, and where the host's limit is known from an earlier refusal. */
export const HARSH_DECREASE_FACTOR = 0.6;
export const CAREFUL_DECREASE_FACTOR = 0.88;
/** Rates this close to a rate that was refused count as near to it. */
export const NEAR_REFUSAL = 1.08;

/** After this long without a refusal the rate grows again, each second by a share of the rate that was refused. */
export const QUIET_BEFORE_INCREASE_MS = 1500;
export const FAST_GROWTH = 0.15;
export const CAREFUL_GROWTH = 0.01;

/** The rate never falls below this share of its ceiling, so that a host in trouble is still asked now and then. */
export const LOWEST_SHARE = 0.02;

/** Least ceiling, requests per second, that a refusal teaches of a host without a budget: few of its requests say little. */
export const LEAST_LEARNT_RATE = 10;

/** A host without a budget that once refused is let go free again at this multiple of the rate that it refused. */
export const RELEASE_MULTIPLE = 2;

/** How long a process goes on by itself with a host that nothing limits, before it looks whether others were refused. */
export const FREE_RUN_MS = 100;

/** Most waiting requests that are asked for at once, in one transaction. Only slots that are due are ever given. */
export const MOST_PER_ASKING = 16;

/** Shortest wait between two questions to a store that others use too: several slots may have come due by then. */
export const LEAST_ASKING_MS = 3;

/** A slot that took this long to come is not used: its request would arrive among those of later slots. */
export const LATE_SLOT_MS = 25;

/** A request that has waited this long goes before more urgent ones, with one grant in `AGED_SHARE`: nothing waits for ever. */
export const AGEING_BOUND_MS = 15_000;
export const AGED_SHARE = 8;

/** A wait that will last this long is told to the user, and again no sooner than after the second span. */
export const TOLD_WAIT_MS = 3000;
export const TOLD_AGAIN_MS = 30_000;

/** Life of a tag lease that nobody renews: how long a killed process can hold a tag back. */
export const DEFAULT_LEASE_TTL_MS = 15_000;

/** How often a store that went away is looked for. */
export const LOST_STORE_CHECK_MS = 1000;

/** Processes that a budget is thought to be shared by where the store never said, and the fewest where it did: more may come. */
export const UNKNOWN_PROCESSES = 4;
export const FEWEST_PROCESSES = 2;

/** Times nearer to each other than this are the same: sums of slots are not exact. */
export const ROUNDING_MS = 0.01;
