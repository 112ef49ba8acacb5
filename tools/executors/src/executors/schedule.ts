// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import type { TaskResult } from '@promograph/promoter';
import pLimit from 'p-limit';
import { OutcomeQueue } from './outcome-queue.ts';
import { tasksInCycles } from './tasks-in-cycles.ts';

/** How one task ended; times in milliseconds since the epoch. */
export interface TaskOutcome {
  readonly id: string;
  readonly status: 'success' | 'failure' | 'skipped';
  readonly text: string;
  readonly startTime: number;
  readonly endTime: number;
}

export interface ScheduleOptions {
  /** Task to the tasks that must succeed before it. Names that are no key are not waited for. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  readonly concurrency: number;
  readonly run: (id: string) => Promise<TaskResult>;
  /** When it aborts nothing new starts, and what runs has `drainMs` to end. */
  readonly signal: AbortSignal;
  readonly drainMs: number;
}

/**
 * Runs tasks in the order of their dependencies and yields each one's outcome exactly once, whatever happens: Nx runs a task
 * that a batch leaves out again and again, and fails a whole batch that throws.
 */
export async function* runSchedule(options: ScheduleOptions): AsyncGenerator<TaskOutcome, void, undefined> {
  const schedule = new Schedule(options);
  try {
    yield* schedule.start();
  } finally {
    schedule.dispose();
  }
}

class Schedule {
  readonly #options: ScheduleOptions;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #outcomes = new OutcomeQueue<TaskOutcome>();
  readonly #dependents = new Map<string, string[]>();
  /** Tasks without an outcome, with the number of tasks that they still wait for. */
  readonly #open = new Map<string, number>();
  readonly #startTimes = new Map<string, number>();
  #drainTimer: NodeJS.Timeout | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#limit = pLimit(options.concurrency);
  }

  start(): AsyncIterable<TaskOutcome> {
    const { dependencies, signal } = this.#options;
    for (const [id, names] of dependencies) {
      const waitsFor = new Set(names.filter((name) => dependencies.has(name)));
      this.#open.set(id, waitsFor.size);
      for (const name of waitsFor) this.#dependents.set(name, [...(this.#dependents.get(name) ?? []), id]);
    }
    if (this.#open.size === 0) this.#outcomes.close();
    const cyclic = tasksInCycles(dependencies);
    for (const id of cyclic) this.#report(id, 'failure', `promograph: tasks wait for each other: ${cyclic.join(', ')}`);
    signal.addEventListener('abort', this.#stop);
    if (signal.aborted) this.#stop();
    else for (const [id, count] of [...this.#open]) if (count === 0) this.#enqueue(id);
    return this.#outcomes;
  }

  dispose(): void {
    this.#options.signal.removeEventListener('abort', this.#stop);
    clearTimeout(this.#drainTimer);
    this.#limit.clearQueue();
  }

  #enqueue(id: string): void {
    void this.#limit(async () => {
      this.#startTimes.set(id, Date.now());
      try {
        const { success, text } = await this.#options.run(id);
        this.#settle(id, success ? 'success' : 'failure', text);
      } catch (error) {
        this.#settle(id, 'failure', `promograph: ${errorMessage(error)}`);
      }
    });
  }

  #settle(id: string, status: TaskOutcome['status'], text: string): void {
    if (!this.#report(id, status, text)) return;
    for (const dependent of this.#dependents.get(id) ?? []) {
      if (status === 'success') this.#release(dependent);
      else this.#settle(dependent, 'skipped', `skipped: ${id} did not succeed`);
    }
  }

  /** Hands out an outcome, unless the task has one already. */
  #report(id: string, status: TaskOutcome['status'], text: string): boolean {
    if (!this.#open.delete(id)) return false;
    const endTime = Date.now();
    this.#outcomes.push({ id, status, text, startTime: this.#startTimes.get(id) ?? endTime, endTime });
    if (this.#open.size === 0) this.#outcomes.close();
    return true;
  }

  #release(id: string): void {
    const count = this.#open.get(id);
    if (count === undefined) return;
    this.#open.set(id, count - 1);
    if (count === 1) this.#enqueue(id);
  }

  readonly #stop = (): void => {
    this.#limit.clearQueue();
    for (const id of [...this.#open.keys()]) {
      if (!this.#startTimes.has(id)) this.#settle(id, 'skipped', 'skipped: interrupted before it started');
    }
    this.#drainTimer = setTimeout(() => {
      for (const id of [...this.#open.keys()]) {
        this.#settle(id, 'failure', 'promograph: interrupted; the next run takes up what is missing');
      }
    }, this.#options.drainMs);
  };
}
