// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGED_SHARE, AGEING_BOUND_MS } from './defaults.ts';
import { GrantQueue } from './grant-queue.ts';
import type { Priority } from './limiter.ts';

const ORDER: readonly Priority[] = ['commit', 'manifest', 'upload', 'scan'];

interface Item {
  readonly id: number;
  readonly priority: Priority;
  readonly since: number;
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), priority: fc.constantFrom(...ORDER) }),
  fc.record({ kind: fc.constant('shift' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 4000 }) }),
);

describe('GrantQueue', () => {
  it('lets nothing go before what is more urgent unless it waited for the bound, and that for one turn in so many', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        let now = 0;
        const queue = new GrantQueue<Item>(() => now);
        const waiting = new Map<number, Item>();
        const inversions: number[] = [];
        let turns = 0;
        for (const [id, { kind, ...what }] of steps.entries()) {
          if ('ms' in what) now += what.ms;
          if ('priority' in what) {
            const item = { id, priority: what.priority, since: now };
            waiting.set(id, item);
            queue.push(item, item.priority);
          }
          if (kind !== 'shift') continue;
          const item = queue.shift();
          expect(item === undefined).toBe(waiting.size === 0);
          if (item === undefined) continue;
          turns += 1;
          waiting.delete(item.id);
          const level = ORDER.indexOf(item.priority);
          const urgent = [...waiting.values()].filter((other) => ORDER.indexOf(other.priority) < level);
          const sooner = [...waiting.values()].filter(
            (other) => other.priority === item.priority && other.id < item.id,
          );
          expect(sooner).toEqual([]);
          if (urgent.length === 0) continue;
          expect(now - item.since).toBeGreaterThanOrEqual(AGEING_BOUND_MS);
          inversions.push(turns);
        }
        for (const [index, turn] of inversions.entries()) {
          const earlier = inversions[index - 1];
          if (earlier !== undefined) expect(turn - earlier).toBeGreaterThanOrEqual(AGED_SHARE);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('starves nothing: an old scan goes within so many turns, however many commits keep coming', () => {
    let now = 0;
    const queue = new GrantQueue<string>(() => now);
    queue.push('scan', 'scan');
    const turns: string[] = [];
    while (!turns.includes('scan') && turns.length < 1000) {
      now += 1000;
      queue.push('commit', 'commit');
      queue.push('commit', 'commit');
      turns.push(queue.shift() ?? '');
    }

    expect(turns.length).toBeLessThanOrEqual(AGEING_BOUND_MS / 1000 + AGED_SHARE);
  });

  it('names the lanes of what comes next as it will come, closed lanes left out', () => {
    const queue = new GrantQueue<number>();
    queue.push(1, 'scan', 'head');
    queue.push(2, 'upload', 'upload');
    queue.push(3, 'scan', 'list');
    queue.push(4, 'scan', 'head');
    queue.push(5, 'commit', 'head');

    expect(queue.next(9, () => true)).toEqual(['head', 'upload', 'head', 'list', 'head']);
    expect(queue.next(2, (lane) => lane !== 'upload')).toEqual(['head', 'head']);
    expect(queue.shift('list')).toBe(3);
    expect([queue.shift(), queue.shift(), queue.shift('list')]).toEqual([5, 2, undefined]);
  });

  it('forgets what was taken out, once', () => {
    const queue = new GrantQueue<number>();
    const leave = queue.push(1, 'scan');
    queue.push(2, 'scan');

    expect([leave(), leave(), queue.size]).toEqual([true, false, 1]);
    expect([queue.shift(), queue.shift()]).toEqual([2, undefined]);
    expect([...queue.lanes()]).toEqual([]);
  });
});
