// SPDX-License-Identifier: Apache-2.0
import { setTimeout } from 'node:timers/promises';
import { errorMessage, isPromographError } from '@promograph/errors';
import type { Session, SessionOptions, TaskRequest, TaskResult } from '@promograph/promoter';
import { startProgressLine } from './progress-line.ts';
import type { BatchProgress } from './progress-line.ts';
import { runSchedule } from './schedule.ts';
import type { TaskOutcome } from './schedule.ts';
import { SessionPool } from './session-pool.ts';
import { readStageOptions, StageOptionsError } from './stage-options.ts';
import type { StageTask } from './stage-options.ts';

/** What a batch needs of the promoter. */
export interface StagePorts {
  readonly openSession: (options: SessionOptions) => Promise<Session>;
  readonly runTask: (session: Session, request: TaskRequest) => Promise<TaskResult>;
}

export interface StageBatch {
  readonly workspaceRoot: string;
  /** Options by task. */
  readonly options: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Tasks that must succeed before a task, by task. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Tasks whose project has a later stage in the same run. */
  readonly handingOver: ReadonlySet<string>;
  /** Tasks whose project was read and planned in the same run. */
  readonly behindSnapshot: ReadonlySet<string>;
  readonly ports: StagePorts;
  readonly signal: AbortSignal;
  readonly write: (text: string) => void;
}

/** Nx kills a worker 5 s after it asked it to end. */
const DRAIN_MS = 3_500;
const CLOSE_MS = 300;

/** Runs stages of many projects in one process. Every task has one outcome; a failure stays with its task. */
export async function* runStageBatch(batch: StageBatch): AsyncGenerator<TaskOutcome, void, undefined> {
  const { signal, ports, write } = batch;
  const tasks = new Map([...batch.options].map(([id, options]) => [id, readTask(options, batch.workspaceRoot)]));
  const sessions = new SessionPool({
    openSession: ports.openSession,
    signal,
    onEvent: (event) => {
      if (event.type === 'notice' || event.type === 'warning') write(`promograph: ${event.message}\n`);
    },
  });
  const run = async (id: string): Promise<TaskResult> => {
    const task = tasks.get(id);
    if (task === undefined) return { success: false, text: `promograph: ${id} came without options` };
    if (task instanceof StageOptionsError) return { success: false, text: task.message };
    try {
      const inRun = { handsOver: batch.handingOver.has(id), knowsRegistries: batch.behindSnapshot.has(id) };
      return await ports.runTask(await sessions.get(task), { ...task.request, ...inRun });
    } catch (error) {
      return { success: false, text: failureText(error) };
    }
  };
  const progress: BatchProgress = { total: batch.dependencies.size, done: 0, failed: 0 };
  const stopProgress = startProgressLine(progress, write);
  try {
    const concurrency = smallestConcurrency([...tasks.values()]);
    for await (const outcome of runSchedule({ ...batch, concurrency, run, drainMs: DRAIN_MS })) {
      progress.done += 1;
      if (outcome.status === 'failure') progress.failed += 1;
      yield outcome;
    }
  } finally {
    stopProgress();
    await closeSessions(sessions, signal);
  }
}

/** After an interruption a connection that does not end must not cost the time in which Nx takes the outcomes. */
async function closeSessions(sessions: SessionPool, signal: AbortSignal): Promise<void> {
  const closed = sessions.close();
  await (signal.aborted ? Promise.race([closed, setTimeout(CLOSE_MS)]) : closed);
}

function failureText(error: unknown): string {
  const hint = isPromographError(error) && error.hint !== undefined ? ` (${error.hint})` : '';
  return `promograph: ${errorMessage(error)}${hint}`;
}

function readTask(options: Readonly<Record<string, unknown>>, root: string): StageTask | StageOptionsError {
  try {
    return readStageOptions(options, root);
  } catch (error) {
    if (error instanceof StageOptionsError) return error;
    throw error;
  }
}

function smallestConcurrency(tasks: readonly (StageTask | StageOptionsError)[]): number {
  return Math.max(
    1,
    Math.min(...tasks.flatMap((task) => (task instanceof StageOptionsError ? [] : [task.concurrency])), 512),
  );
}
