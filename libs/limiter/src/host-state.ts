// SPDX-License-Identifier: Apache-2.0
import { decreasePace, freshPace, LONG_AGO, type PaceState, paceRate, recoverPace } from './adaptive-pace.ts';
import { FREE_RUN_MS, MAX_PAUSE_MS, ROUNDING_MS } from './defaults.ts';
import { type HostLimits, counts, quotaId } from './host-limits.ts';
import type { ActionClass } from './limiter.ts';
import { pacedReadyAt, pacedReturn, pacedTake } from './paced-slots.ts';
import { countGrants, expireParts, returnGrants, usedIn, type WindowParts, windowReadyAt } from './quota-window.ts';

/** Quotas over no more than this are paced, longer ones are counted in a window that can be used up at once. */
const LONGEST_PACED_MS = 1000;

/** Everything that is known of one host's budget: plain data, kept as JSON. Times are those of the store's clock. */
export interface HostState {
  notBefore: number;
  pace: PaceState;
  /** Theoretical arrival times of the paced budgets, by quota; `''` is the host's own. */
  tats: Record<string, number>;
  windows: Record<string, WindowParts>;
  /** Grants in this second and in the one before, to learn the rate of a host without a cap. */
  seen: { start: number; count: number; before: number };
}

/** What is asked of a budget: slots for these actions, most urgent first, after `spent` that were used without asking. */
export interface Asking {
  readonly limits: HostLimits;
  readonly wanted: readonly ActionClass[];
  readonly spent: Readonly<Partial<Record<ActionClass, number>>>;
}

/** What a budget gives. */
export interface Given {
  /** The slots given, each for the next request of its action. */
  readonly granted: readonly ActionClass[];
  /** For each action that was refused: how long until it makes sense to ask again, milliseconds. */
  readonly waits: Readonly<Partial<Record<ActionClass, number>>>;
  /** Above 0: nothing limits the host, and nobody needs to be asked for so long. */
  readonly freeForMs: number;
  /** Proof of the last slot, to give it back with. */
  readonly mark: number;
  /** Grants that still count in each long window, by quota. */
  readonly used?: Readonly<Record<string, number>>;
  /** Processes that used the store lately, where it knows. */
  readonly processes?: number;
}

/** How a host asked for fewer requests. `pauseMs` undefined: at a lower rate, but at once. */
export interface Refusal {
  readonly limits: HostLimits;
  readonly pauseMs: number | undefined;
  /** Whether the rate shall fall; a host without a cap is given one by this. */
  readonly slows: boolean;
}

/** A host of which nothing is known. */
export function freshState(): HostState {
  const seen = { start: LONG_AGO, count: 0, before: 0 };
  return { notBefore: LONG_AGO, pace: freshPace(), tats: {}, windows: {}, seen };
}

/** Gives what is due at `now`, in the order of the asking, and never more. */
export function takeSlots(state: HostState, now: number, { limits, wanted, spent }: Asking): Given {
  const budget = new OpenBudget(state, now, limits);
  for (const [action, count] of Object.entries(spent)) budget.note(action as ActionClass, count);
  const granted: ActionClass[] = [];
  const waits: Partial<Record<ActionClass, number>> = {};
  for (const action of wanted) {
    if (waits[action] !== undefined) continue;
    const waitMs = budget.readyAt(action) - now;
    if (waitMs > ROUNDING_MS) waits[action] = waitMs;
    else {
      budget.note(action, 1);
      granted.push(action);
    }
  }
  const isFree = budget.rate === null && limits.quotas.length === 0 && state.notBefore <= now;
  const given = { granted, waits, freeForMs: isFree ? FREE_RUN_MS : 0, mark: state.tats[''] ?? LONG_AGO };
  return limits.quotas.length === 0 ? given : { ...given, used: usedQuotas(state) };
}

/** Takes back the last slots that were given and not used; what others took since stays as it is. */
export function returnSlots(
  state: HostState,
  limits: HostLimits,
  back: { readonly actions: readonly ActionClass[]; readonly mark: number },
): void {
  const rate = paceRate(state.pace, limits.perSecond);
  const isLast = rate !== null && state.tats[''] === back.mark;
  for (const action of back.actions) {
    if (isLast) state.tats[''] = pacedReturn(state.tats[''] ?? 0, rate);
    for (const quota of limits.quotas) {
      const parts = state.windows[quotaId(quota)];
      if (parts && counts(quota, action)) returnGrants(parts, 1);
    }
  }
}

/** Takes note of a host that asked for fewer requests. */
export function noteRefusal(state: HostState, now: number, { limits, pauseMs, slows }: Refusal): void {
  if (pauseMs !== undefined) {
    state.notBefore = Math.max(state.notBefore, now + Math.min(Math.max(pauseMs, 0), MAX_PAUSE_MS));
  }
  if (slows) decreasePace(state.pace, now, { cap: limits.perSecond, observed: observedRate(state, now) });
}

function usedQuotas(state: HostState): Record<string, number> {
  return Object.fromEntries(Object.entries(state.windows).map(([id, parts]) => [id, usedIn(parts)]));
}

/** Moves all times by `shiftMs`: for a state that outlived the clock it was written with. */
export function shiftState(state: HostState, shiftMs: number): void {
  const { pace, seen, tats } = state;
  state.notBefore += shiftMs;
  seen.start += shiftMs;
  pace.lastRefusal += shiftMs;
  pace.lastDecrease += shiftMs;
  pace.lastIncrease += shiftMs;
  for (const id of Object.keys(tats)) tats[id] = (tats[id] ?? 0) + shiftMs;
  for (const parts of Object.values(state.windows)) {
    for (const part of parts) {
      part[0] += shiftMs;
      part[1] += shiftMs;
    }
  }
}

/** A state at one moment: expired windows dropped, the rate recovered. */
class OpenBudget {
  readonly rate: number | null;
  readonly #state: HostState;
  readonly #now: number;
  readonly #limits: HostLimits;

  constructor(state: HostState, now: number, limits: HostLimits) {
    this.#state = state;
    this.#now = now;
    this.#limits = limits;
    recoverPace(state.pace, now, limits.perSecond);
    this.rate = paceRate(state.pace, limits.perSecond);
    for (const quota of limits.quotas) {
      if (quota.windowMs > LONGEST_PACED_MS) expireParts(this.#window(quotaId(quota)), now, quota.windowMs);
    }
  }

  readyAt(action: ActionClass): number {
    const { notBefore, tats } = this.#state;
    let ready = notBefore;
    if (this.rate !== null) ready = Math.max(ready, pacedReadyAt(tats[''] ?? LONG_AGO));
    for (const quota of this.#limits.quotas) {
      if (!counts(quota, action)) continue;
      const { requests, windowMs } = quota;
      const id = quotaId(quota);
      const isPaced = windowMs <= LONGEST_PACED_MS;
      const at = isPaced ? pacedReadyAt(tats[id] ?? LONG_AGO) : windowReadyAt(this.#window(id), requests, windowMs);
      ready = Math.max(ready, at);
    }
    return ready;
  }

  /** Counts slots as used, whether or not they were there. */
  note(action: ActionClass, count: number): void {
    const { tats } = this.#state;
    this.#see(count);
    for (let n = 0; n < count && this.rate !== null; n += 1) tats[''] = this.#taken('', this.rate);
    for (const quota of this.#limits.quotas) {
      if (!counts(quota, action)) continue;
      const { requests, windowMs } = quota;
      const id = quotaId(quota);
      if (windowMs > LONGEST_PACED_MS) countGrants(this.#window(id), this.#now, { windowMs, count });
      else for (let n = 0; n < count; n += 1) tats[id] = this.#taken(id, (requests * 1000) / windowMs);
    }
  }

  #taken(id: string, perSecond: number): number {
    return pacedTake(this.#state.tats[id] ?? LONG_AGO, this.#now, perSecond);
  }

  #window(id: string): WindowParts {
    return (this.#state.windows[id] ??= []);
  }

  #see(count: number): void {
    const { seen } = this.#state;
    if (this.#now - seen.start >= 1000) {
      seen.before = this.#now - seen.start < 2000 ? seen.count : 0;
      seen.start = this.#now;
      seen.count = 0;
    }
    seen.count += count;
  }
}

function observedRate({ seen }: HostState, now: number): number {
  return now - seen.start >= 2000 ? 1 : Math.max(seen.before, seen.count);
}
