// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachedTasks, type NxWorkspace } from '../../e2e/support/fresh-nx-workspace.ts';
import { type FamilyRun, runFamily } from './measured-family.ts';

/** One command of Nx: its cost, and which tasks it ran. */
export interface NxRun extends FamilyRun {
  /** Distinct tasks that were run or came from the cache. */
  readonly tasks: number;
  readonly fromCache: number;
}

/** Where Nx keeps graphs, hashes and results, and where the stages keep artifacts. */
const KEPT = ['.nx', '.home', '.state', '.promo'];
const ENOUGH_OUTPUT = 4_000;

/** Runs Nx in the workspace, without a daemon, all output in lines. Throws with what it said when it fails. */
export async function runNx({ dir, env }: NxWorkspace, ...args: readonly string[]): Promise<NxRun> {
  const run = await runFamily({ command: join(dir, 'node_modules', '.bin', 'nx'), args, cwd: dir, env });
  if (run.exitCode !== 0) throw new Error(`nx answered ${run.exitCode}: ${run.output.slice(-ENOUGH_OUTPUT)}`);
  const tasks = new Set([...run.output.matchAll(/nx run (\S+:\w+)/g)].map((match) => match[1]));
  return { ...run, tasks: tasks.size, fromCache: cachedTasks(run.output).length };
}

/** Arguments that run these targets of all projects. */
export function allOf(targets: readonly string[]): readonly string[] {
  return ['run-many', '-t', targets.join(','), '--output-style=static'];
}

/** Takes away everything that makes the next run warm. */
export function forget({ dir }: NxWorkspace): void {
  for (const name of KEPT) rmSync(join(dir, name), { recursive: true, force: true });
}
