// SPDX-License-Identifier: Apache-2.0
import process from 'node:process';
import type { ExecutorContext } from '@nx/devkit';
import { keepCompiledCode, writeCompiledCode } from './compiled-code.ts';
import { type GraphTask, tasksBehindSnapshot, tasksHandingOver } from './stages-of-run.ts';
import { Interruption } from './interruption.ts';
import { unsupportedNode } from './node-guard.ts';

/** What a batch reads of the task graph that Nx hands over. */
export interface StageGraph {
  readonly tasks: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, readonly unknown[]>>;
}

/** What Nx takes from a batch for each task. */
export interface StageResult {
  readonly task: string;
  readonly result: {
    readonly success: boolean;
    readonly status: 'success' | 'failure' | 'skipped';
    readonly terminalOutput: string;
    readonly startTime: number;
    readonly endTime: number;
  };
}

type Options = Readonly<Record<string, unknown>>;

/** What Nx calls a batch implementation with. */
type BatchArguments = readonly [
  taskGraph: StageGraph,
  inputs: Readonly<Record<string, Options>>,
  overrides: unknown,
  context: StageContext,
];

/** The part of Nx's context that stages need. Its graph holds the tasks of the whole run, the batch's own only some. */
export interface StageContext extends Pick<ExecutorContext, 'root'> {
  readonly taskGraph?: { readonly tasks: Readonly<Record<string, GraphTask | undefined>> };
}

/** Time for the last messages to reach Nx before an interrupted worker ends. */
const FLUSH_MS = 200;
const EXIT_CODE_OF_SIGTERM = 143;

/** Batch implementation of both executors: all tasks of a wave in one process, each reported as soon as it ends. */
export async function* runStages(
  ...[taskGraph, inputs, , context]: BatchArguments
): AsyncGenerator<StageResult, void, undefined> {
  const ids = Object.keys(taskGraph.tasks);
  const refusal = unsupportedNode(process.versions.node);
  if (refusal !== undefined) {
    const now = Date.now();
    for (const id of ids) yield toResult({ id, status: 'failure', text: refusal, startTime: now, endTime: now });
    return;
  }
  using interruption = new Interruption();
  keepCompiledCode(context.root);
  const { runStageBatch } = await import('./stage-batch.ts');
  const { openSession, runTask } = await import('@promograph/promoter');
  const outcomes = runStageBatch({
    workspaceRoot: context.root,
    options: new Map(ids.map((id) => [id, inputs[id] ?? {}])),
    dependencies: new Map(ids.map((id) => [id, dependencyIds(taskGraph.dependencies[id])])),
    handingOver: tasksHandingOver(ids, context.taskGraph?.tasks ?? {}),
    behindSnapshot: tasksBehindSnapshot(ids, context.taskGraph?.tasks ?? {}),
    ports: { openSession, runTask },
    signal: interruption.signal,
    write: (text) => process.stdout.write(text),
  });
  for await (const outcome of outcomes) yield toResult(outcome);
  writeCompiledCode();
  // Nothing else ends the worker: the signal was taken, and Nx would wait its full five seconds before it kills.
  if (interruption.signal.aborted) setTimeout(() => process.exit(EXIT_CODE_OF_SIGTERM), FLUSH_MS);
}

/** Nx 24 names dependencies by objects, older ones by text. */
function dependencyIds(dependencies: readonly unknown[] | undefined): readonly string[] {
  return (dependencies ?? []).flatMap((dependency) => {
    if (typeof dependency === 'string') return [dependency];
    const isNamed = typeof dependency === 'object' && dependency !== null && 'id' in dependency;
    return isNamed && typeof dependency.id === 'string' ? [dependency.id] : [];
  });
}

function toResult(outcome: {
  readonly id: string;
  readonly status: StageResult['result']['status'];
  readonly text: string;
  readonly startTime: number;
  readonly endTime: number;
}): StageResult {
  const { id, status, text, startTime, endTime } = outcome;
  return {
    task: id,
    result: { success: status === 'success', status, terminalOutput: `${text}\n`, startTime, endTime },
  };
}
