// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { BudgetStore } from './budget-store.ts';
import { createLimiter } from './create-limiter.ts';
import { FakeClock } from './fake-clock.testing.ts';
import { createFallbackBudgetStore } from './fallback-budget-store.ts';
import type { HostLimits } from './host-limits.ts';
import type { Limiter } from './limiter.ts';
import { createMemoryBudgetStore } from './memory-budget-store.ts';

/** A store that can be taken away, for several processes. */
class Removable {
  isAway = false;
  readonly #inner: BudgetStore;
  readonly #isAsync: boolean;

  constructor(clock: FakeClock, isAsync: boolean) {
    this.#inner = createMemoryBudgetStore(clock);
    this.#isAsync = isAsync;
  }

  store(processes: number): BudgetStore {
    const reach = <T>(act: () => T): T | Promise<T> => {
      if (this.#isAsync) return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve(act());
      if (this.isAway) throw new Error('away');
      return act();
    };
    const inner = this.#inner;
    return {
      scope: 'shared',
      take: (subject, asking) => reach(() => ({ ...(inner.take(subject, asking) as object), processes }) as never),
      refuse: (subject, refusal) => reach(() => inner.refuse(subject, refusal) as undefined),
      giveBack: (subject, returned) => reach(() => inner.giveBack(subject, returned) as undefined),
      check: () => reach(() => undefined),
      close: async () => undefined,
    };
  }
}

interface World {
  readonly clock: FakeClock;
  readonly removable: Removable;
  readonly limiters: readonly Limiter[];
  readonly told: string[];
  readonly granted: number[];
}

function worldOf(limits: HostLimits, isAsync: boolean, share?: number): World {
  const clock = new FakeClock();
  const removable = new Removable(clock, isAsync);
  const told: string[] = [];
  const limiters = Array.from({ length: 4 }, () => {
    const store = createFallbackBudgetStore({
      primary: removable.store(4),
      clock,
      ...(share === undefined ? {} : { share }),
      onLost: (part) => told.push(`lost, share ${part}`),
      onBack: () => told.push('back'),
    });
    return createLimiter({ store, clock, budgetFor: () => ({ ...limits, countedPer: 'host' }) });
  });
  return { clock, removable, limiters, told, granted: [] };
}

/** Lets every process ask for `count` at once. */
function askFor({ clock, limiters, granted }: World, count: number): void {
  for (const limiter of limiters) {
    for (let n = 0; n < count; n += 1) {
      void limiter.acquire({ host: 'a', action: 'head' }).then(() => granted.push(clock.now()));
    }
  }
}

function inSpan({ granted }: World, from: number, to: number): number {
  return granted.filter((at) => at >= from && at < to).length;
}

describe.each([
  ['answers at once', false],
  ['answers later', true],
] as const)('a store that %s and goes away', (_name, isAsync) => {
  it('leaves each process its share: never none, and never more than the budget together', async () => {
    const world = worldOf({ perSecond: 120, quotas: [] }, isAsync);
    askFor(world, 1000);
    await world.clock.advance(3000);
    world.removable.isAway = true;
    await world.clock.advance(4000);

    for (let from = 0; from <= 6000; from += 100) expect(inSpan(world, from, from + 1000)).toBeLessThanOrEqual(120);
    expect(inSpan(world, 4000, 7000)).toBeGreaterThanOrEqual(300);
    expect(world.told).toEqual(Array.from({ length: 4 }, () => 'lost, share 0.25'));
  });

  it('is used again when it is back, and told what was spent meanwhile', async () => {
    const world = worldOf({ perSecond: null, quotas: [{ requests: 100, windowMs: 60_000, actions: null }] }, isAsync);
    world.removable.isAway = true;
    askFor(world, 5);
    await world.clock.advance(500);
    expect(world.granted).toHaveLength(20);
    world.removable.isAway = false;
    await world.clock.advance(1000);
    expect(world.told.slice(4)).toEqual(Array.from({ length: 4 }, () => 'back'));

    askFor(world, 100);
    await world.clock.advance(2000);
    expect(world.granted).toHaveLength(100);
  });

  it('leaves of a long window only what was not used of it before', async () => {
    const world = worldOf({ perSecond: null, quotas: [{ requests: 100, windowMs: 60_000, actions: null }] }, isAsync);
    askFor(world, 15);
    await world.clock.advance(1000);
    // What counts is what each of them heard last.
    askFor(world, 1);
    await world.clock.advance(1000);
    world.removable.isAway = true;
    askFor(world, 100);
    await world.clock.advance(5000);

    expect(world.granted.length).toBeGreaterThan(60);
    expect(world.granted.length).toBeLessThanOrEqual(100);
  });

  it('takes the share that was written down', async () => {
    const world = worldOf({ perSecond: 100, quotas: [] }, isAsync, 0.1);
    world.removable.isAway = true;
    askFor(world, 1000);
    await world.clock.advance(2000);

    expect(inSpan(world, 0, 1000)).toBeLessThanOrEqual(40);
    expect(inSpan(world, 1000, 2000)).toBeGreaterThanOrEqual(32);
  });
});
