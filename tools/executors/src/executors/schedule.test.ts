// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { runSchedule } from './schedule.ts';
import type { ScheduleOptions, TaskOutcome } from './schedule.ts';

async function collect(
  dependencies: Readonly<Record<string, readonly string[]>>,
  options: Partial<ScheduleOptions> = {},
): Promise<TaskOutcome[]> {
  const outcomes: TaskOutcome[] = [];
  const schedule = runSchedule({
    dependencies: new Map(Object.entries(dependencies)),
    concurrency: 4,
    run: async (id) => ({ success: true, text: `${id} ran` }),
    signal: new AbortController().signal,
    drainMs: 20,
    ...options,
  });
  for await (const outcome of schedule) outcomes.push(outcome);
  return outcomes;
}

const statuses = (outcomes: readonly TaskOutcome[]): Record<string, string> =>
  Object.fromEntries(outcomes.map((outcome) => [outcome.id, outcome.status]));

describe('runSchedule', () => {
  it('runs nothing for an empty graph and ends', async () => {
    expect(await collect({})).toEqual([]);
  });

  it('runs a task after those it depends on, and does not wait for tasks of another batch', async () => {
    const outcomes = await collect({ promote: ['plan', 'validate'], plan: ['snapshot'], validate: [] });

    expect(outcomes.map((outcome) => outcome.id)).toEqual(['plan', 'validate', 'promote']);
    expect(outcomes.every((outcome) => outcome.status === 'success')).toBe(true);
  });

  it('confines a throw to its task and skips what depends on it, however far behind', async () => {
    const run = async (id: string): Promise<{ success: boolean; text: string }> => {
      if (id === 'bad:plan') throw new Error('disk full');
      return { success: true, text: '' };
    };

    const outcomes = await collect(
      {
        'bad:plan': [],
        'bad:promote': ['bad:plan'],
        'bad:sign': ['bad:promote'],
        'good:plan': [],
        'good:promote': ['good:plan'],
      },
      { run },
    );

    expect(statuses(outcomes)).toEqual({
      'bad:plan': 'failure',
      'bad:promote': 'skipped',
      'bad:sign': 'skipped',
      'good:plan': 'success',
      'good:promote': 'success',
    });
    expect(outcomes.find((outcome) => outcome.id === 'bad:plan')?.text).toContain('disk full');
  });

  it('reports tasks that wait for each other as failures and runs the others', async () => {
    const outcomes = await collect({ a: ['b'], b: ['a'], behind: ['a'], free: [] });

    expect(statuses(outcomes)).toEqual({ a: 'failure', b: 'failure', behind: 'failure', free: 'success' });
    expect(outcomes.find((outcome) => outcome.id === 'a')?.text).toContain('wait for each other');
  });

  it('never has more tasks at work than allowed', async () => {
    let running = 0;
    let most = 0;
    const run = async (): Promise<{ success: boolean; text: string }> => {
      running += 1;
      most = Math.max(most, running);
      await delay(1);
      running -= 1;
      return { success: true, text: '' };
    };

    await collect(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`t${index}`, []])), {
      run,
      concurrency: 3,
    });

    expect(most).toBe(3);
  });

  it('goes on while the consumer of outcomes is slow', async () => {
    const run = vi.fn(async () => ({ success: true, text: '' }));
    const dependencies = new Map([
      ['a', []],
      ['b', ['a']],
      ['c', ['b']],
    ]);
    const schedule = runSchedule({
      dependencies,
      concurrency: 1,
      run,
      signal: new AbortController().signal,
      drainMs: 20,
    });

    await schedule.next();
    await vi.waitFor(() => expect(run).toHaveBeenCalledTimes(3), { timeout: 30_000 });

    await schedule.return();
  });

  it('reports every task exactly once, whatever the graph and whatever fails', async () => {
    const graph = fc.array(fc.tuple(fc.array(fc.nat(14), { maxLength: 4 }), fc.constantFrom('ok', 'fail', 'throw')), {
      maxLength: 15,
    });
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 4 }), async (rows, concurrency) => {
        const dependencies = Object.fromEntries(
          rows.map(([deps], index) => [`t${index}`, deps.map((dep) => `t${dep}`)]),
        );
        const run = async (id: string): Promise<{ success: boolean; text: string }> => {
          const kind = rows[Number(id.slice(1))]?.[1];
          if (kind === 'throw') throw new Error('thrown');
          return { success: kind === 'ok', text: '' };
        };

        const ids = (await collect(dependencies, { run, concurrency })).map((outcome) => outcome.id);

        expect([...ids].sort()).toEqual(Object.keys(dependencies).sort());
      }),
    );
  });
});

describe('runSchedule when interrupted', () => {
  it('lets running tasks end, starts nothing new and reports the rest as skipped', async () => {
    const controller = new AbortController();
    const run = async (id: string): Promise<{ success: boolean; text: string }> => {
      controller.abort();
      await delay(5);
      return { success: true, text: `${id} ended in order` };
    };

    const outcomes = await collect(
      { first: [], second: [], behind: ['first'] },
      { run, concurrency: 1, signal: controller.signal, drainMs: 10_000 },
    );

    expect(statuses(outcomes)).toEqual({ first: 'success', second: 'skipped', behind: 'skipped' });
  });

  it('reports a task as failed that does not end in time', async () => {
    const controller = new AbortController();
    const run = (): Promise<never> => {
      controller.abort();
      return new Promise(() => undefined);
    };

    const outcomes = await collect({ stuck: [], behind: ['stuck'] }, { run, signal: controller.signal, drainMs: 5 });

    expect(statuses(outcomes)).toEqual({ stuck: 'failure', behind: 'skipped' });
  });

  it('runs nothing at all when it was interrupted before', async () => {
    const run = vi.fn(async () => ({ success: true, text: '' }));

    const outcomes = await collect({ a: [], b: ['a'] }, { run, signal: AbortSignal.abort() });

    expect(run).not.toHaveBeenCalled();
    expect(statuses(outcomes)).toEqual({ a: 'skipped', b: 'skipped' });
  });
});
