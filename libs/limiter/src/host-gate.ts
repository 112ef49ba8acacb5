// SPDX-License-Identifier: Apache-2.0
import type { BudgetStore } from './budget-store.ts';
import type { Clock } from './clock.ts';
import { LATE_SLOT_MS, LEAST_ASKING_MS, MOST_PER_ASKING, TOLD_AGAIN_MS, TOLD_WAIT_MS } from './defaults.ts';
import { GrantQueue } from './grant-queue.ts';
import type { HostLimits } from './host-limits.ts';
import type { Given, Refusal } from './host-state.ts';
import { type AcquireOptions, type ActionClass, type Grant, type LimiterKey, makeGrant } from './limiter.ts';

/** A wait that will last: how long at least, and how many requests wait. */
export interface LongWait {
  readonly waitMs: number;
  readonly waiting: number;
}

/** What one gate is made of. */
export interface HostGateOptions {
  /** Under which the store knows the budget. */
  readonly subject: string;
  readonly limits: HostLimits;
  readonly store: BudgetStore;
  readonly clock: Clock;
  readonly onLongWait: (wait: LongWait) => void;
}

interface Waiter {
  readonly key: LimiterKey;
  readonly since: number;
  readonly settle: (grant: Grant) => void;
  readonly fail: (error: unknown) => void;
}

/** Those of this process who wait for one budget. Asks the store for slots when they are due, never for later ones. */
export class HostGate {
  readonly #options: HostGateOptions;
  readonly #queue: GrantQueue<Waiter>;
  /** Until when asking for an action makes no sense. */
  readonly #closed = new Map<string, number>();
  #spent: Partial<Record<ActionClass, number>> = {};
  #freeUntil = -Infinity;
  #isAsking = false;
  #told = -Infinity;
  #timer: { readonly at: number; readonly cancel: () => void } | null = null;

  constructor(options: HostGateOptions) {
    this.#options = options;
    this.#queue = new GrantQueue(() => options.clock.now());
  }

  acquire(key: LimiterKey, options: AcquireOptions): Grant | Promise<Grant> {
    const { signal, priority = 'scan' } = options;
    signal?.throwIfAborted();
    const now = this.#options.clock.now();
    if (now < this.#freeUntil && this.#queue.size === 0) {
      this.#spent[key.action] = (this.#spent[key.action] ?? 0) + 1;
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
      const fail = (error: unknown): void => {
        signal?.removeEventListener('abort', onAbort);
        reject(error);
      };
      const leave = this.#queue.push({ key, since: now, settle, fail }, priority, key.action);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pump();
    });
  }

  /** Tells the store that the host asked for fewer requests. */
  async refuse(refusal: Omit<Refusal, 'limits'>): Promise<void> {
    this.#freeUntil = -Infinity;
    const { limits, store, subject } = this.#options;
    await store.refuse(subject, { limits, ...refusal });
  }

  /** Asks for as long as slots are due, then sleeps until the next is. */
  #pump(): void {
    const { clock, limits, store, subject } = this.#options;
    while (!this.#isAsking && this.#queue.size > 0) {
      const now = clock.now();
      const wanted = this.#queue.next(MOST_PER_ASKING, (lane) => (this.#closed.get(lane) ?? -Infinity) <= now);
      if (wanted.length === 0) return this.#sleep(now);
      const spent = this.#spent;
      this.#spent = {};
      try {
        const answer = store.take(subject, { limits, wanted: wanted as ActionClass[], spent });
        if (answer instanceof Promise) return this.#await(answer);
        this.#apply(this.#inTime(answer, now), now);
      } catch (error) {
        this.#failAll(error);
      }
    }
  }

  /** Sent late, a request would come together with those of the next slots: whoever was held up gives its slots back. */
  #inTime(given: Given, askedAt: number): Given {
    const { clock, limits, store, subject } = this.#options;
    if (given.freeForMs > 0 || clock.now() - askedAt <= LATE_SLOT_MS) return given;
    void store.giveBack(subject, { limits, actions: given.granted, mark: given.mark });
    return { ...given, granted: [] };
  }

  #await(answer: Promise<Given>): void {
    this.#isAsking = true;
    const end = (act: () => void): void => {
      this.#isAsking = false;
      act();
      this.#pump();
    };
    answer.then(
      (given) => end(() => this.#apply(given, this.#options.clock.now())),
      (error: unknown) => end(() => this.#failAll(error)),
    );
  }

  /** `grantedAt`: for a store that answers at once its own time is no wait. */
  #apply({ granted, waits, freeForMs, mark }: Given, grantedAt: number): void {
    const { clock, limits, store, subject } = this.#options;
    const unused: ActionClass[] = [];
    for (const action of granted) {
      const waiter = this.#queue.shift(action);
      if (waiter) waiter.settle(makeGrant(waiter.key, grantedAt - waiter.since));
      else unused.push(action);
    }
    // Whoever cancelled while the store was being asked gives back what came for him.
    if (unused.length > 0) void this.#quietly(async () => store.giveBack(subject, { limits, actions: unused, mark }));
    const now = clock.now();
    const least = store.scope === 'process' ? 0 : LEAST_ASKING_MS;
    for (const [action, waitMs] of Object.entries(waits)) this.#closed.set(action, now + Math.max(waitMs, least));
    this.#freeUntil = freeForMs > 0 ? now + freeForMs : -Infinity;
  }

  #sleep(now: number): void {
    let at = Infinity;
    for (const lane of this.#queue.lanes()) at = Math.min(at, this.#closed.get(lane) ?? now);
    this.#tell(at - now, now);
    if (this.#timer !== null && this.#timer.at <= at) return;
    this.#stopTimer();
    const cancel = this.#options.clock.schedule(at - now, () => {
      this.#timer = null;
      this.#pump();
    });
    this.#timer = { at, cancel };
  }

  #tell(waitMs: number, now: number): void {
    if (waitMs < TOLD_WAIT_MS || now - this.#told < TOLD_AGAIN_MS) return;
    this.#told = now;
    this.#options.onLongWait({ waitMs, waiting: this.#queue.size });
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #failAll(error: unknown): void {
    for (let waiter = this.#queue.shift(); waiter !== undefined; waiter = this.#queue.shift()) waiter.fail(error);
  }

  /** A slot that cannot be given back is lost, which harms nobody. */
  async #quietly(act: () => Promise<void>): Promise<void> {
    await act().catch(() => undefined);
  }
}
