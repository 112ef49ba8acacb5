// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.testing.ts';
import type { LimiterKey, Priority } from './limiter.ts';
import { createMemoryLimiter } from './memory-limiter.ts';

const KEY: LimiterKey = { host: 'a.example', action: 'read' };
const OTHER: LimiterKey = { host: 'b.example', action: 'read' };

function limiterWith(cap: number | null): { clock: FakeClock; limiter: ReturnType<typeof createMemoryLimiter> } {
  const clock = new FakeClock();
  return { clock, limiter: createMemoryLimiter({ capFor: () => cap, clock }) };
}

/** Starts a request and notes when it got its grant. */
function request(
  { clock, limiter }: ReturnType<typeof limiterWith>,
  log: number[],
  options: { key?: LimiterKey; priority?: Priority; signal?: AbortSignal } = {},
): Promise<void> {
  const { key = KEY, ...rest } = options;
  return limiter.acquire(key, rest).then(
    () => void log.push(clock.now()),
    () => undefined,
  );
}

/** Most grants in any half-open second, and in what a host may take for one when the network delays the first. */
function busiestSecond(times: readonly number[], jitterMs = 70): number {
  const end = 1000 + jitterMs - 1e-6;
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + end).length));
}

describe('createMemoryLimiter', () => {
  it('grants without any wait when the host has no cap', async () => {
    const { limiter } = limiterWith(null);

    const grants = await Promise.all(Array.from({ length: 1000 }, () => limiter.acquire(KEY)));

    expect(grants.every((grant) => grant.waitedMs === 0)).toBe(true);
  });

  it('never grants more than the cap in any second, however requests arrive', async () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), arrivals, async (cap, gaps) => {
        const world = limiterWith(cap);
        const log: number[] = [];
        for (const gap of gaps) {
          void request(world, log);
          await world.clock.advance(gap % 7 === 0 ? gap : 0);
        }
        await world.clock.advance((gaps.length / cap) * 1100 + 2000);

        expect(log).toHaveLength(gaps.length);
        expect(busiestSecond(log)).toBeLessThanOrEqual(cap);
      }),
      { numRuns: 60 },
    );
  });

  it('spends at least 90 % of a budget that is asked for without pause', async () => {
    const world = limiterWith(50);
    const log: number[] = [];
    for (let n = 0; n < 1000; n += 1) void request(world, log);

    await world.clock.advance(10_000);

    expect(log.length).toBeGreaterThanOrEqual(450);
    expect(log.length).toBeLessThanOrEqual(501);
  });

  it('lets nothing less urgent go before something more urgent that waits', async () => {
    const order: Priority[] = ['commit', 'manifest', 'upload', 'scan'];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...order), { minLength: 1, maxLength: 50 }), async (priorities) => {
        const world = limiterWith(10);
        await world.limiter.acquire(KEY);
        const granted: { priority: Priority; index: number }[] = [];
        priorities.forEach((priority, index) => {
          void world.limiter.acquire(KEY, { priority }).then(() => granted.push({ priority, index }));
        });
        await world.clock.advance(priorities.length * 120 + 1000);

        const expected = priorities
          .map((priority, index) => ({ priority, index }))
          .sort((a, b) => order.indexOf(a.priority) - order.indexOf(b.priority) || a.index - b.index);
        expect(granted).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the budget of cancelled waits to those that go on waiting', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), async (cancelled) => {
        const [all, alone] = [limiterWith(20), limiterWith(20)];
        const [log, reference]: [number[], number[]] = [[], []];
        const stop = new AbortController();
        void request(all, log);
        void request(alone, reference);
        for (const isCancelled of cancelled) {
          void request(all, log, isCancelled ? { signal: stop.signal, priority: 'commit' } : { priority: 'upload' });
          if (!isCancelled) void request(alone, reference, { priority: 'upload' });
        }
        stop.abort(new Error('stopped'));
        await all.clock.advance(10_000);
        await alone.clock.advance(10_000);

        expect(log).toEqual(reference);
        expect(all.clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('rejects a cancelled wait with the reason of its signal', async () => {
    const { limiter } = limiterWith(1);
    await limiter.acquire(KEY);
    const stop = new AbortController();
    const waiting = limiter.acquire(KEY, { signal: stop.signal });

    stop.abort(new Error('stopped'));

    await expect(waiting).rejects.toThrow('stopped');
    await expect(limiter.acquire(KEY, { signal: stop.signal })).rejects.toThrow('stopped');
  });

  it('holds back the host that asked for a pause, and only that host', async () => {
    const world = limiterWith(null);
    const [log, other]: [number[], number[]] = [[], []];
    world.limiter.report(KEY, { status: 503, retryAfterMs: 4000 });
    void request(world, log);
    void request(world, other, { key: OTHER });

    await world.clock.advance(3999);
    expect([log, other]).toEqual([[], [0]]);

    await world.clock.advance(1);
    expect(log).toEqual([4000]);
  });

  it('caps the pause that a host can ask for at five minutes', async () => {
    const world = limiterWith(null);
    const log: number[] = [];
    world.limiter.report(KEY, { status: 429, retryAfterMs: 86_400_000 });
    void request(world, log);

    await world.clock.advance(300_000);

    expect(log).toEqual([300_000]);
  });

  it('takes no pause from a plain 500', async () => {
    const world = limiterWith(null);
    const log: number[] = [];
    world.limiter.report(KEY, { status: 500 });

    await request(world, log);

    expect(log).toEqual([0]);
  });

  it('slows down after a 429 and recovers to the cap, never above it', async () => {
    const world = limiterWith(100);
    const log: number[] = [];
    world.limiter.report(KEY, { status: 429, retryAfterMs: 0 });
    for (let n = 0; n < 6000; n += 1) void request(world, log);

    await world.clock.advance(2000);
    const slow = log.length;
    await world.clock.advance(30_000);
    const before = log.length;
    await world.clock.advance(5000);

    expect(slow).toBeLessThanOrEqual(141);
    expect(log.length - before).toBeGreaterThanOrEqual(455);
    expect(busiestSecond(log.slice(before))).toBeLessThanOrEqual(100);
  });

  it('counts a burst of refusals as one signal', async () => {
    const world = limiterWith(100);
    const log: number[] = [];
    for (let n = 0; n < 16; n += 1) world.limiter.report(KEY, { status: 429, retryAfterMs: 0 });
    for (let n = 0; n < 500; n += 1) void request(world, log);

    await world.clock.advance(1000);

    expect(log.length).toBeGreaterThanOrEqual(65);
  });

  it('finds a pace of its own for a host without a cap that refuses, and lets it go free later', async () => {
    const world = limiterWith(null);
    const log: number[] = [];
    for (let n = 0; n < 100; n += 1) void request(world, log);
    await world.clock.advance(0);
    world.limiter.report(KEY, { status: 429, retryAfterMs: 0 });
    const from = log.length;
    for (let n = 0; n < 20_000; n += 1) void request(world, log);

    await world.clock.advance(1000);
    expect(log.length - from).toBeLessThanOrEqual(75);

    await world.clock.advance(120_000);
    expect(log.length).toBe(20_100);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a cap of %s', async (cap) => {
    const { limiter } = limiterWith(cap);

    await expect(limiter.acquire(KEY)).rejects.toMatchObject({ code: 'LIMITER_INVALID_CAP' });
  });
});
