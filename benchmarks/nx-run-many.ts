// SPDX-License-Identifier: Apache-2.0
// All targets of 113 projects in a fresh workspace, against one loopback registry: wall time with an empty and with a
// filled Nx cache. Fails above the promised bounds. Usage: node benchmarks/nx-run-many.ts [nx version]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateTree, startFleet } from '@promograph/devstack';
import { cachedTasks, createNxWorkspace } from '../e2e/support/fresh-nx-workspace.ts';
import type { NxWorkspace } from '../e2e/support/fresh-nx-workspace.ts';
import { packArchives } from '../e2e/support/packed-archives.ts';

const PROJECTS = 113;
const TARGETS = ['snapshot', 'validate', 'plan', 'promote'];
const MAX_COLD_MS = 5_000;
const MAX_WARM_MS = 3_000;
const WARM_RUNS = 3;

interface Run {
  readonly wallMs: number;
  readonly tasks: number;
  readonly fromCache: number;
}

const nxVersion = process.argv[2] ?? '24.0.6';
const generatedDir = mkdtempSync(join(tmpdir(), 'promograph-tree-'));
const workspace = await createNxWorkspace(nxVersion, await packArchives());
const hosts = ['registry.example.org'] as const;
const size = { projects: PROJECTS, imagesPerProject: 4, digestsPerImage: 5, destinations: 2 };
generateTree({ outDir: generatedDir, ...size, seed: 'nx-run-many', hosts });
const fleet = await startFleet({ treeDir: generatedDir, outDir: workspace.dir });
try {
  const cold = await runAll(workspace);
  const warm: Run[] = [];
  for (let count = 0; count < WARM_RUNS; count += 1) warm.push(await runAll(workspace));
  report(cold, warm);
} finally {
  await fleet.close();
  workspace.remove();
  rmSync(generatedDir, { recursive: true, force: true });
}

async function runAll({ nx }: NxWorkspace): Promise<Run> {
  const start = performance.now();
  const { exitCode, output } = await nx('run-many', '-t', TARGETS.join(','), '--output-style=static');
  const wallMs = Math.round(performance.now() - start);
  if (exitCode !== 0) throw new Error(`nx answered ${exitCode}: ${output.slice(-4_000)}`);
  const tasks = new Set([...output.matchAll(/nx run (\S+:\w+)/g)].map((match) => match[1]));
  return { wallMs, tasks: tasks.size, fromCache: cachedTasks(output).length };
}

function report(cold: Run, warm: readonly Run[]): void {
  const warmMs = warm.map((run) => run.wallMs).sort((a, b) => a - b)[Math.floor(WARM_RUNS / 2)] ?? 0;
  const isWithin = cold.wallMs < MAX_COLD_MS && warmMs < MAX_WARM_MS;
  const isComplete = [cold, ...warm].every((run) => run.tasks === PROJECTS * TARGETS.length);
  const isCached = warm.every((run) => run.fromCache === PROJECTS * 2);
  const counts = { tasks: cold.tasks, edges: fleet.edges, requests: fleet.total };
  const line = { benchmark: 'nx-run-many', nx: nxVersion, ...counts, coldMs: cold.wallMs, warmMs };
  process.stdout.write(`${JSON.stringify({ ...line, isCached, isComplete, isWithin })}\n`);
  if (!isWithin || !isComplete || !isCached) process.exitCode = 1;
}
