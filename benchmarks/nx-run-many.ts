// SPDX-License-Identifier: Apache-2.0
// All targets of 113 projects in a fresh workspace, against one loopback registry: wall time with an empty and with a
// filled Nx cache. Usage: node benchmarks/nx-run-many.ts [nx version]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateTree, startFleet } from '@promograph/devstack';
import { cachedTasks, createNxWorkspace } from '../e2e/support/fresh-nx-workspace.ts';
import type { NxWorkspace } from '../e2e/support/fresh-nx-workspace.ts';
import { packArchives } from '../e2e/support/packed-archives.ts';
import { median, printLine } from './support/benchmark-line.ts';

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
  const warmMs = median(warm.map((run) => run.wallMs));
  const wantedTasks = PROJECTS * TARGETS.length;
  const tasks = [...new Set([cold, ...warm].map((run) => run.tasks))];
  const fromCache = [...new Set(warm.map((run) => run.fromCache))];
  printLine({
    benchmark: 'nx-run-many',
    case: `nx ${nxVersion}`,
    ratios: { coldToAim: cold.wallMs / MAX_COLD_MS, warmToAim: warmMs / MAX_WARM_MS },
    counts: { tasks: cold.tasks, edges: fleet.edges },
    measured: { coldMs: cold.wallMs, warmMs, requests: fleet.total },
    broken: [
      ...(tasks.every((count) => count === wantedTasks) ? [] : [`${tasks.join(', ')} tasks instead of ${wantedTasks}`]),
      ...(fromCache.every((count) => count === PROJECTS * 2) ? [] : [`${fromCache.join(', ')} tasks from the cache`]),
    ],
    notes: [],
  });
}
