// SPDX-License-Identifier: Apache-2.0
// All targets of 113 projects in a fresh workspace, dry, against one loopback registry and a local sigstore, with an empty
// and with a filled Nx cache, as in CI and beside Nx's daemon as at a desk; beside it the same workspace with tasks that do
// nothing, which is what Nx itself costs.
// Usage: node benchmarks/nx-run-many.ts [nx version]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateTree, startFleet, startSigstore } from '@promograph/devstack';
import { createNxWorkspace } from '../e2e/support/fresh-nx-workspace.ts';
import { packArchives } from '../e2e/support/packed-archives.ts';
import { median, printLine } from './support/benchmark-line.ts';
import { copyAsFloor } from './support/floor-workspace.ts';
import { allOf, forget, type NxRun, runNx } from './support/nx-run.ts';
import { roundsOr } from './support/rounds.ts';
import { configureSigning } from './support/signed-workspace.ts';

const PROJECTS = 113;
const CASES = [
  { name: 'promote', targets: ['snapshot', 'validate', 'plan', 'promote'] },
  { name: 'sign and attest', targets: ['snapshot', 'validate', 'plan', 'promote', 'sign', 'attest'] },
] as const;
/** `validate` and `plan` of each project. */
const CACHED_PER_PROJECT = 2;
const MAX_COLD_MS = 5_000;
const MAX_WARM_MS = 3_000;

const nxVersion = process.argv[2] ?? '24.0.6';
const rounds = roundsOr(3);
const generatedDir = mkdtempSync(join(tmpdir(), 'promograph-tree-'));
const workspace = await createNxWorkspace(nxVersion, await packArchives());
const hosts = ['registry.example.org'] as const;
const size = { projects: PROJECTS, imagesPerProject: 4, digestsPerImage: 5, destinations: 2 };
generateTree({ outDir: generatedDir, ...size, seed: 'nx-run-many', hosts });
const fleet = await startFleet({ treeDir: generatedDir, outDir: workspace.dir });
const sigstore = await startSigstore();
configureSigning(workspace, sigstore, `${fleet.hosts[hosts[0]]}/prod`);
const floor = copyAsFloor(workspace);
try {
  for (const { name, targets } of CASES) await measure(name, targets);
} finally {
  await Promise.all([fleet.close(), sigstore.close()]);
  workspace.remove();
  floor.remove();
  rmSync(generatedDir, { recursive: true, force: true });
}

/** The two take turns, so that other work on the machine disturbs them alike. */
async function measure(name: string, targets: readonly string[]): Promise<void> {
  for (const each of [floor, workspace]) forget(each);
  const floorCold = await runNx(floor, ...allOf(targets));
  const before = fleet.total;
  const cold = await runNx(workspace, ...allOf(targets));
  const requests = fleet.total - before;
  const warm: NxRun[] = [];
  const floorWarm: NxRun[] = [];
  for (let count = 0; count < rounds; count += 1) {
    floorWarm.push(await runNx(floor, ...allOf(targets)));
    warm.push(await runNx(workspace, ...allOf(targets)));
  }
  const served = await runServed(targets);
  const servedMs = median(served.map(({ wallMs }) => wallMs));
  const warmMs = median(warm.map(({ wallMs }) => wallMs));
  const warmCpuMs = median(warm.map(({ cpuMs }) => cpuMs));
  const floorWarmMs = median(floorWarm.map(({ wallMs }) => wallMs));
  const floorWarmCpuMs = median(floorWarm.map(({ cpuMs }) => cpuMs));
  printLine({
    benchmark: 'nx-run-many',
    case: `nx ${nxVersion}, ${name}`,
    ratios: {
      coldToAim: cold.wallMs / MAX_COLD_MS,
      warmToAim: warmMs / MAX_WARM_MS,
      servedToAim: servedMs / MAX_WARM_MS,
      coldToFloor: cold.wallMs / floorCold.wallMs,
      warmToFloor: warmMs / floorWarmMs,
      warmCpuToFloor: warmCpuMs / floorWarmCpuMs,
    },
    counts: { tasks: cold.tasks, edges: fleet.edges, requests },
    measured: {
      ...{ coldMs: cold.wallMs, warmMs, servedMs, coldCpuMs: cold.cpuMs, warmCpuMs },
      ...{ floorColdMs: floorCold.wallMs, floorWarmMs, floorColdCpuMs: floorCold.cpuMs, floorWarmCpuMs },
    },
    broken: brokenPromises(targets.length * PROJECTS, [cold, ...warm, ...served], [floorCold, ...floorWarm]),
    notes: [],
  });
}

/** Warm runs beside Nx's daemon, which keeps the graph: where CI does not forbid it, Nx starts one by itself. */
async function runServed(targets: readonly string[]): Promise<NxRun[]> {
  const served = { ...workspace, env: { ...workspace.env, NX_DAEMON: 'true' } };
  const runs: NxRun[] = [];
  try {
    await runNx(served, ...allOf(targets));
    for (let count = 0; count < rounds; count += 1) runs.push(await runNx(served, ...allOf(targets)));
  } finally {
    await runNx(served, 'daemon', '--stop');
  }
  return runs;
}

function brokenPromises(wantedTasks: number, own: readonly NxRun[], floors: readonly NxRun[]): readonly string[] {
  const tasks = [...own, ...floors].map((run) => run.tasks).filter((count) => count !== wantedTasks);
  const fromCache = [own, floors]
    .flatMap(([, ...warm]) => warm.map((run) => run.fromCache))
    .filter((count) => count !== PROJECTS * CACHED_PER_PROJECT);
  const signed = sigstore.entries().length;
  return [
    ...(tasks.length === 0 ? [] : [`${tasks.join(', ')} tasks instead of ${wantedTasks}`]),
    ...(fromCache.length === 0 ? [] : [`${fromCache.join(', ')} tasks from the cache`]),
    ...(signed === 0 ? [] : [`${signed} log entries of dry runs`]),
  ];
}
