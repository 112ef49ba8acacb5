// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BudgetStore } from './budget-store.ts';
import { createLimiter } from './create-limiter.ts';
import { ARRIVAL_JITTER_MS } from './defaults.ts';
import { FakeClock } from './fake-clock.testing.ts';
import type { Quota } from './host-limits.ts';
import type { ActionClass, Limiter, Priority } from './limiter.ts';
import { createMemoryBudgetStore } from './memory-budget-store.ts';
import { createSqliteBudgetStore } from './sqlite-budget-store.ts';

let folder = '';
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'budget-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sqliteStore(clock: FakeClock, file: string): BudgetStore {
  return createSqliteBudgetStore({ file, now: () => clock.now(), bootId: 'boot', wallMs: () => clock.now() });
}

/** A store that answers a while later, as one over a network does. */
function slowStore(clock: FakeClock, delayMs: number): BudgetStore {
  const inner = createMemoryBudgetStore(clock);
  const later = <T>(act: () => T): Promise<Awaited<T>> =>
    new Promise<T>((resolve) => clock.schedule(delayMs / 2, () => resolve(act()))).then(
      (result) => new Promise((resolve) => clock.schedule(delayMs / 2, () => resolve(result as Awaited<T>))),
    );
  return {
    scope: 'shared',
    take: (subject, asking) => later(() => inner.take(subject, asking)),
    refuse: (subject, refusal) => later(() => inner.refuse(subject, refusal)),
    giveBack: (subject, returned) => later(() => inner.giveBack(subject, returned)),
    check: async () => undefined,
    close: () => inner.close(),
  };
}

/** Stores of several processes over one budget. */
const STORES = {
  memory: (clock: FakeClock, count: number): BudgetStore[] => {
    const store = createMemoryBudgetStore(clock);
    return Array.from({ length: count }, () => store);
  },
  sqlite: (clock: FakeClock, count: number): BudgetStore[] => {
    const file = join(folder, `${(files += 1)}.sqlite`);
    return Array.from({ length: count }, () => sqliteStore(clock, file));
  },
  'a store over a network': (clock: FakeClock, count: number): BudgetStore[] => {
    const store = slowStore(clock, 8);
    return Array.from({ length: count }, () => store);
  },
} as const;

interface Granted {
  readonly at: number;
  readonly action: ActionClass;
}

const QUOTAS: readonly Quota[] = [
  { requests: 150, windowMs: 5000, actions: null },
  { requests: 30, windowMs: 1000, actions: ['upload', 'manifestWrite'] },
  { requests: 60, windowMs: 4000, actions: ['manifestWrite'] },
];

const call = fc.record({
  process: fc.nat({ max: 2 }),
  gapMs: fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 700 })),
  action: fc.constantFrom<ActionClass>('head', 'list', 'upload', 'manifestWrite'),
  priority: fc.constantFrom<Priority>('commit', 'manifest', 'upload', 'scan'),
  isCancelled: fc.boolean(),
});

function busiest(granted: readonly Granted[], windowMs: number): number {
  const end = windowMs + (windowMs <= 1000 ? ARRIVAL_JITTER_MS - 1e-6 : 0);
  return Math.max(0, ...granted.map(({ at }) => granted.filter((g) => g.at >= at && g.at < at + end).length));
}

describe.each(Object.entries(STORES))('limiters of three processes over %s', (_name, storesOf) => {
  const runs = { numRuns: _name === 'sqlite' ? 12 : 40 };

  it('keep every budget in every span, however requests arrive and are cancelled, and grant all that wait', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 5, max: 80 }),
        fc.array(call, { minLength: 1, maxLength: 250, size: 'max' }),
        async (...[perSecond, calls]) => {
          const clock = new FakeClock();
          const stores = storesOf(clock, 3);
          const limiters = stores.map((store) =>
            createLimiter({ store, clock, budgetFor: () => ({ perSecond, quotas: QUOTAS, countedPer: 'host' }) }),
          );
          const granted: Granted[] = [];
          let wanted = 0;
          const stop = new AbortController();
          for (const { process, gapMs, action, priority, isCancelled } of calls) {
            const options = isCancelled ? { priority, signal: stop.signal } : { priority };
            if (!isCancelled) wanted += 1;
            void (limiters[process] as Limiter).acquire({ host: 'a', action }, options).then(
              () => granted.push({ at: clock.now(), action }),
              () => undefined,
            );
            if (gapMs > 0) await clock.advance(gapMs);
          }
          stop.abort(new Error('stopped'));
          await clock.advance(60_000);

          expect(granted.length).toBeGreaterThanOrEqual(wanted);
          expect(busiest(granted, 1000)).toBeLessThanOrEqual(perSecond);
          for (const { requests, windowMs, actions } of QUOTAS) {
            const counted = granted.filter(({ action }) => actions === null || actions.includes(action));
            expect(busiest(counted, windowMs)).toBeLessThanOrEqual(requests);
          }
          for (const store of new Set(stores)) await store.close();
        },
      ),
      runs,
    );
  }, 60_000);

  it('spend nine tenths of a budget that all of them want, and share it', async () => {
    const clock = new FakeClock();
    const stores = storesOf(clock, 3);
    const counts = [0, 0, 0];
    for (const [index, store] of stores.entries()) {
      const limiter = createLimiter({
        store,
        clock,
        budgetFor: () => ({ perSecond: 120, quotas: [], countedPer: 'host' }),
      });
      for (let n = 0; n < 1000; n += 1) {
        void limiter.acquire({ host: 'a', action: 'head' }).then(() => (counts[index] = (counts[index] ?? 0) + 1));
      }
    }
    await clock.advance(10_000);

    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(1080);
    expect(total).toBeLessThanOrEqual(1200);
  });

  it('all pause when one of them was refused, for that host only', async () => {
    const clock = new FakeClock();
    const [first, second] = storesOf(clock, 2).map((store) =>
      createLimiter({ store, clock, budgetFor: () => ({ perSecond: null, quotas: [], countedPer: 'host' }) }),
    ) as [Limiter, Limiter];
    const at: Record<string, number> = {};
    await Promise.all([first.acquire({ host: 'a', action: 'head' }), clock.advance(20)]);
    first.report({ host: 'a', action: 'head' }, { status: 429, retryAfterMs: 4000 });
    await clock.advance(200);
    for (const host of ['a', 'b']) {
      void second.acquire({ host, action: 'head' }).then(() => (at[host] = clock.now()));
    }
    await clock.advance(10_000);

    expect(at['b']).toBeLessThan(300);
    expect(at['a']).toBeGreaterThanOrEqual(4000);
  });

  it('keep a scan that waits for a long window from standing before a commit', async () => {
    const clock = new FakeClock();
    const limiters = storesOf(clock, 2).map((store) =>
      createLimiter({
        store,
        clock,
        budgetFor: () => ({
          perSecond: 100,
          quotas: [{ requests: 50, windowMs: 60_000, actions: ['list'] }],
          countedPer: 'host',
        }),
      }),
    );
    for (let n = 0; n < 80; n += 1) void limiters[n % 2]?.acquire({ host: 'a', action: 'list' });
    await clock.advance(2000);
    const asked = clock.now();
    const commit = limiters[0]?.acquire({ host: 'a', action: 'manifestWrite' }, { priority: 'commit' });
    let granted = Infinity;
    void commit?.then(() => (granted = clock.now()));
    await clock.advance(50);

    expect(granted - asked).toBeLessThanOrEqual(20);
  });
});

describe('countedPer', () => {
  it('gives each login a budget for itself where the host counts so, and all together one where it does not', async () => {
    for (const [countedPer, expected] of [
      ['credential', 20],
      ['host', 10],
    ] as const) {
      const clock = new FakeClock();
      const store = createMemoryBudgetStore(clock);
      const limiter = createLimiter({ store, clock, budgetFor: () => ({ perSecond: 10, quotas: [], countedPer }) });
      let granted = 0;
      for (const account of ['ada', 'grace']) {
        for (let n = 0; n < 30; n += 1) {
          void limiter.acquire({ host: 'a', action: 'head', account }).then(() => (granted += 1));
        }
      }
      await clock.advance(1000);

      expect(granted).toBe(expected);
    }
  });
});

describe('a long wait', () => {
  it('is told once, with the host and how many wait', async () => {
    const clock = new FakeClock();
    const told: unknown[] = [];
    const limiter = createLimiter({
      store: createMemoryBudgetStore(clock),
      clock,
      budgetFor: () => ({ perSecond: null, quotas: [], countedPer: 'host' }),
      onLongWait: (host, wait) => told.push({ host, ...wait }),
    });
    limiter.report({ host: 'a', action: 'head' }, { status: 429, retryAfterMs: 20_000 });
    for (let n = 0; n < 3; n += 1) void limiter.acquire({ host: 'a', action: 'head' });
    await clock.advance(15_000);

    expect(told).toEqual([{ host: 'a', waitMs: 20_000, waiting: 1 }]);
  });
});
