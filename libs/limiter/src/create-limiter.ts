// SPDX-License-Identifier: Apache-2.0
import type { BudgetStore } from './budget-store.ts';
import { type Clock, systemClock } from './clock.ts';
import { UNSPECIFIED_PAUSE_MS } from './defaults.ts';
import { HostGate, type LongWait } from './host-gate.ts';
import { checkedLimits, type HostLimits } from './host-limits.ts';
import type { Refusal } from './host-state.ts';
import type { Limiter, LimiterKey, Outcome } from './limiter.ts';

/** The budget of a host, and whom it belongs to. */
export interface HostBudget extends HostLimits {
  /** `credential`: each login has the budget for itself. */
  readonly countedPer: 'host' | 'credential';
}

/** What `createLimiter` needs to know. */
export interface LimiterOptions {
  readonly store: BudgetStore;
  /** Asked once per host (with port). */
  readonly budgetFor: (host: string) => HostBudget;
  /** Must pass as fast as the store's. */
  readonly clock?: Clock;
  /** Told when requests to a host will wait long, and seldom again. */
  readonly onLongWait?: (host: string, wait: LongWait) => void;
}

/**
 * The budget of every process that shares the store. Waiting requests of this process leave by priority, then in their
 * order; one that is cancelled while it waits spends nothing. A 429, 503 or Retry-After of a host holds back that host only.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const gates = new Gates(options);
  return {
    acquire: async (key, acquireOptions) => gates.of(key).acquire(key, acquireOptions ?? {}),
    report: (key, outcome) => {
      if (outcome.status !== null && outcome.status < 400 && !outcome.isSlowDown && outcome.retryAfterMs === undefined)
        return;
      const gate = gates.of(key);
      const refusal = refusalOf(outcome, gates.hasPace(key.host));
      // A store that is away cannot be told; what it grants next, or refuses, does not depend on it.
      if (refusal) void gate.refuse(refusal).catch(() => undefined);
    },
  };
}

class Gates {
  readonly #options: LimiterOptions;
  readonly #budgets = new Map<string, HostBudget>();
  readonly #gates = new Map<string, HostGate>();

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  of(key: LimiterKey): HostGate {
    const budget = this.#budgetOf(key.host);
    const subject = budget.countedPer === 'host' ? key.host : `${key.host} ${key.account ?? ''}`;
    const known = this.#gates.get(subject);
    if (known) return known;
    const { store, clock = systemClock, onLongWait } = this.#options;
    const tell = (wait: LongWait): void => onLongWait?.(key.host, wait);
    const gate = new HostGate({ subject, limits: budget, store, clock, onLongWait: tell });
    this.#gates.set(subject, gate);
    return gate;
  }

  hasPace(host: string): boolean {
    return this.#budgetOf(host).perSecond !== null;
  }

  #budgetOf(host: string): HostBudget {
    const known = this.#budgets.get(host);
    if (known) return known;
    const asked = this.#options.budgetFor(host);
    const budget = { ...checkedLimits(host, asked), countedPer: asked.countedPer };
    this.#budgets.set(host, budget);
    return budget;
  }
}

/** What an answer asks for. A bare 503 may be a fault of one request: it slows down only what has a pace already. */
function refusalOf(outcome: Outcome, hasPace: boolean): Omit<Refusal, 'limits'> | null {
  const { status, retryAfterMs, isSlowDown = false } = outcome;
  if (status === 429) return { pauseMs: retryAfterMs ?? UNSPECIFIED_PAUSE_MS, slows: true };
  const slows = isSlowDown || (status === 503 && (hasPace || retryAfterMs !== undefined));
  return slows || retryAfterMs !== undefined ? { pauseMs: retryAfterMs, slows } : null;
}
