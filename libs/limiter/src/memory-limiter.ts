// SPDX-License-Identifier: Apache-2.0
import { type Clock, systemClock } from './clock.ts';
import { createLimiter } from './create-limiter.ts';
import type { Limiter } from './limiter.ts';
import { createMemoryBudgetStore } from './memory-budget-store.ts';

/** What `createMemoryLimiter` needs to know. */
export interface MemoryLimiterOptions {
  /** Requests per second for a host (with port), or null for no cap; asked once per host. */
  readonly capFor: (host: string) => number | null;
  readonly clock?: Clock;
}

/** The budget of one process: in any second at most `capFor(host)` grants per host, smoothly paced. */
export function createMemoryLimiter({ capFor, clock = systemClock }: MemoryLimiterOptions): Limiter {
  return createLimiter({
    store: createMemoryBudgetStore(clock),
    budgetFor: (host) => ({ perSecond: capFor(host), quotas: [], countedPer: 'host' }),
    clock,
  });
}
