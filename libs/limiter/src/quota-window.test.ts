// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARRIVAL_JITTER_MS } from './defaults.ts';
import { countGrants, expireParts, returnGrants, usedIn, type WindowParts, windowReadyAt } from './quota-window.ts';

const arrivals = fc.record({
  requests: fc.integer({ min: 1, max: 40 }),
  windowMs: fc.integer({ min: 1001, max: 60_000 }),
  gaps: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 })), {
    minLength: 1,
    maxLength: 150,
    size: 'max',
  }),
});

/** Asks at every moment; what is not granted is gone. */
function run({ requests, windowMs, gaps }: { requests: number; windowMs: number; gaps: number[] }): {
  granted: number[];
  refused: number[];
} {
  const parts: WindowParts = [];
  const [granted, refused]: [number[], number[]] = [[], []];
  let now = 0;
  for (const gap of gaps) {
    now += gap;
    expireParts(parts, now, windowMs);
    if (windowReadyAt(parts, requests, windowMs) > now) refused.push(now);
    else {
      countGrants(parts, now, { windowMs, count: 1 });
      granted.push(now);
    }
  }
  return { granted, refused };
}

describe('a window of parts', () => {
  it('never holds more than its quota, counted by brute force over every span', () => {
    fc.assert(
      fc.property(arrivals, (world) => {
        const { granted } = run(world);
        const spans = granted.map((from) => granted.filter((at) => at >= from && at < from + world.windowMs).length);

        expect(Math.max(0, ...spans)).toBeLessThanOrEqual(world.requests);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses nothing that a window one part longer would allow', () => {
    fc.assert(
      fc.property(arrivals, (world) => {
        const { granted, refused } = run(world);
        const longest = world.windowMs * (1 + 1 / 60) + ARRIVAL_JITTER_MS;
        for (const at of refused) {
          const before = granted.filter((each) => each <= at && each > at - longest);
          expect(before.length).toBeGreaterThanOrEqual(world.requests);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets a whole quota go at once, and the next when the first of them no longer counts', () => {
    const parts: WindowParts = [];
    for (let n = 0; n < 1392; n += 1) {
      expect(windowReadyAt(parts, 1392, 60_000)).toBe(-Infinity);
      countGrants(parts, 5, { windowMs: 60_000, count: 1 });
    }

    expect(windowReadyAt(parts, 1392, 60_000)).toBe(5 + 60_000 + ARRIVAL_JITTER_MS);
  });

  it('gives back what was not used', () => {
    const parts: WindowParts = [];
    countGrants(parts, 0, { windowMs: 5000, count: 3 });
    returnGrants(parts, 2);

    expect(usedIn(parts)).toBe(1);
  });

  it('remembers no more parts than it needs, however many grants', () => {
    const parts: WindowParts = [];
    for (let now = 0; now < 50_000; now += 10) {
      expireParts(parts, now, 6000);
      countGrants(parts, now, { windowMs: 6000, count: 1 });
    }

    expect(parts.length).toBeLessThanOrEqual(62);
  });
});
