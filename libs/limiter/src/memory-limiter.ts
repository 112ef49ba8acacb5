// SPDX-License-Identifier: Apache-2.0
import { type Clock, systemClock } from './clock.ts';
import { GrantQueue } from './grant-queue.ts';
import { HostBudget } from './host-budget.ts';
import { type AcquireOptions, type Grant, type Limiter, type LimiterKey, makeGrant, type Outcome } from './limiter.ts';
import { LimiterError } from './limiter-error.ts';

/** What `createMemoryLimiter` needs to know. */
export interface MemoryLimiterOptions {
  /** Requests per second for a host (with port), or null for no cap; asked once per host. */
  readonly capFor: (host: string) => number | null;
  readonly clock?: Clock;
}

/**
 * The budget of one process: in any second at most `capFor(host)` grants per host, smoothly paced; a 429 or Retry-After
 * of a host holds back that host only. Waiting requests leave by priority, then in their order; one that is cancelled
 * while it waits spends nothing.
 */
export function createMemoryLimiter(options: MemoryLimiterOptions): Limiter {
  const clock = options.clock ?? systemClock;
  const hosts = new Map<string, HostGate>();
  const gateOf = (host: string): HostGate => {
    const known = hosts.get(host);
    if (known) return known;
    const gate = new HostGate(new HostBudget(checkedCap(host, options.capFor(host))), clock);
    hosts.set(host, gate);
    return gate;
  };
  return {
    acquire: async (key, acquireOptions) => gateOf(key.host).acquire(key, acquireOptions ?? {}),
    report: (key, outcome) => gateOf(key.host).report(outcome),
  };
}

function checkedCap(host: string, cap: number | null): number | null {
  if (cap === null || (Number.isFinite(cap) && cap > 0)) return cap;
  throw new LimiterError(
    'LIMITER_INVALID_CAP',
    `budget of ${host} must be more than 0 requests per second, not ${cap}`,
  );
}

interface Waiter {
  readonly key: LimiterKey;
  readonly since: number;
  readonly settle: (grant: Grant) => void;
}

class HostGate {
  readonly #budget: HostBudget;
  readonly #clock: Clock;
  readonly #queue = new GrantQueue<Waiter>();
  #cancelTimer: (() => void) | null = null;

  constructor(budget: HostBudget, clock: Clock) {
    this.#budget = budget;
    this.#clock = clock;
  }

  acquire(key: LimiterKey, options: AcquireOptions): Grant | Promise<Grant> {
    const { signal, priority = 'scan' } = options;
    signal?.throwIfAborted();
    const now = this.#clock.now();
    if (this.#queue.size === 0 && this.#budget.readyAt() <= now) {
      this.#budget.take(now);
      return makeGrant(key, 0);
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        if (!leave()) return;
        if (this.#queue.size === 0) this.#stopTimer();
        reject(signal?.reason);
      };
      const settle = (grant: Grant): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve(grant);
      };
      const leave = this.#queue.push({ key, since: now, settle }, priority);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pump();
    });
  }

  report(outcome: Outcome): void {
    this.#budget.report(this.#clock.now(), outcome);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** Lets go everything that is due, then sleeps until the next is. */
  #pump(): void {
    const now = this.#clock.now();
    while (this.#queue.size > 0 && this.#budget.readyAt() <= now) {
      const waiter = this.#queue.shift();
      if (!waiter) break;
      this.#budget.take(now);
      waiter.settle(makeGrant(waiter.key, now - waiter.since));
    }
    if (this.#queue.size === 0 || this.#cancelTimer) return;
    this.#cancelTimer = this.#clock.schedule(this.#budget.readyAt() - now, () => {
      this.#cancelTimer = null;
      this.#pump();
    });
  }
}
