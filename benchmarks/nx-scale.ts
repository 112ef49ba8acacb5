// SPDX-License-Identifier: Apache-2.0
// A generated tree of 1,350 projects in a fresh Nx workspace without a daemon, dry, against one loopback registry: project
// graph, what is affected by one change, its plan, the plans of all, and all 8,100 tasks in one run, with the memory of the
// nx process; beside it tasks that do nothing. Usage: node benchmarks/nx-scale.ts [nx version] [projects]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateTree, startFleet, startSigstore } from '@promograph/devstack';
import { createNxWorkspace, type NxWorkspace } from '../e2e/support/fresh-nx-workspace.ts';
import { packArchives } from '../e2e/support/packed-archives.ts';
import { printLine } from './support/benchmark-line.ts';
import { copyAsFloor } from './support/floor-workspace.ts';
import type { FamilyRun } from './support/measured-family.ts';
import { allOf, forget, type NxRun, runNx } from './support/nx-run.ts';
import { configureSigning } from './support/signed-workspace.ts';

const TARGETS = ['snapshot', 'validate', 'plan', 'promote', 'sign', 'attest'] as const;
/** `validate` and `plan` come from the cache in a second run. */
const CACHED_TARGETS = 2;
const CHANGED = 'project-7';
const CHANGED_DIGEST = `sha256:${'7'.repeat(64)}`;
const REPOSITORIES_PER_PROJECT = 6;

const nxVersion = process.argv[2] ?? '24.0.6';
const projects = Number(process.argv[3] ?? 1350);
const generatedDir = mkdtempSync(join(tmpdir(), 'promograph-scale-'));
const workspace = await createNxWorkspace(nxVersion, await packArchives());
const hosts = ['registry.example.org'] as const;
const size = { projects, imagesPerProject: 2, digestsPerImage: 3, destinations: 2 };
generateTree({ outDir: generatedDir, ...size, seed: 'nx-scale', hosts });
const fleet = await startFleet({ treeDir: generatedDir, outDir: workspace.dir });
const sigstore = await startSigstore();
configureSigning(workspace, sigstore, `${fleet.hosts[hosts[0]]}/prod`);
const floor = copyAsFloor(workspace);
try {
  await measureGraph();
  await measurePlans();
  await measureOneChange();
  await measureAll();
} finally {
  await Promise.all([fleet.close(), sigstore.close()]);
  workspace.remove();
  floor.remove();
  rmSync(generatedDir, { recursive: true, force: true });
}

/** `nx show projects`, which does nothing but make the graph. */
async function measureGraph(): Promise<void> {
  const show = (place: NxWorkspace): Promise<NxRun> => runNx(place, 'show', 'projects', '--json');
  for (const each of [floor, workspace]) forget(each);
  const [floorCold, cold] = [await show(floor), await show(workspace)];
  const [floorWarm, warm] = [await show(floor), await show(workspace)];
  const found = promotionsIn(warm);
  printLine({
    ...named('project graph'),
    ratios: { coldCpuToFloor: cold.cpuMs / floorCold.cpuMs, warmCpuToFloor: warm.cpuMs / floorWarm.cpuMs },
    counts: { projects: found },
    measured: { ...costs('cold', cold), ...costs('warm', warm) },
    broken: differs('projects in the graph', found, projects),
  });
}

/** `run-many -t plan`: with each plan goes a snapshot. */
async function measurePlans(): Promise<void> {
  const cold = await counted(() => runNx(workspace, ...allOf(['plan'])));
  const warm = await counted(() => runNx(workspace, ...allOf(['plan'])));
  printLine({
    ...named('plans of all projects'),
    ratios: { warmToCold: warm.run.wallMs / cold.run.wallMs },
    counts: { tasks: cold.run.tasks, fromCache: warm.run.fromCache, requests: cold.requests },
    measured: { ...costs('cold', cold.run), ...costs('warm', warm.run) },
    broken: [
      ...differs('tasks', cold.run.tasks, projects * 2),
      ...differs('plans from the cache', warm.run.fromCache, projects),
      ...differs('requests of the second run', warm.requests, cold.requests),
    ],
  });
}

/** One image more in one of the projects, between two commits. */
async function measureOneChange(): Promise<void> {
  await workspace.git('init', '--quiet', '--initial-branch=main');
  await commit('before');
  const entry = `- name: image-new\n  dmap:\n    "${CHANGED_DIGEST}": ["v1"]\n`;
  writeFileSync(join(workspace.dir, 'images', CHANGED, 'images.yaml'), entry, { flag: 'a' });
  await commit('after');
  const range = ['--base=HEAD~1', '--head=HEAD'] as const;
  const show = await runNx(workspace, 'show', 'projects', '--affected', ...range, '--json');
  const affected = await counted(() => runNx(workspace, 'affected', '-t', 'plan', ...range, '--output-style=static'));
  const one = await counted(() => runNx(workspace, 'run', `${CHANGED}:plan`, '--output-style=static'));
  printLine({
    ...named('one changed project'),
    ratios: {},
    counts: { affectedProjects: promotionsIn(show), tasks: affected.run.tasks, requests: affected.requests },
    measured: { ...costs('affected', show), ...costs('affectedPlan', affected.run), ...costs('plan', one.run) },
    broken: [
      ...differs('affected projects', promotionsIn(show), 1),
      ...differs('tasks of nx affected', affected.run.tasks, 2),
      ...differs('tasks of nx run', one.run.tasks, 2),
      ...(affected.requests <= REPOSITORIES_PER_PROJECT + 3 ? [] : [`${affected.requests} requests for one project`]),
    ],
  });
}

async function measureAll(): Promise<void> {
  for (const each of [floor, workspace]) forget(each);
  const nothing = await runNx(floor, ...allOf(TARGETS));
  const cold = await counted(() => runNx(workspace, ...allOf(TARGETS)));
  const warm = await counted(() => runNx(workspace, ...allOf(TARGETS)));
  const tasks = projects * TARGETS.length;
  printLine({
    ...named('all tasks'),
    ratios: {
      coldToFloor: cold.run.wallMs / nothing.wallMs,
      coldCpuToFloor: cold.run.cpuMs / nothing.cpuMs,
      nxMemoryToFloor: cold.run.ownRssMb / nothing.ownRssMb,
    },
    counts: { tasks: cold.run.tasks, fromCache: warm.run.fromCache, requests: cold.requests },
    measured: { ...costs('cold', cold.run), ...costs('warm', warm.run), ...costs('floor', nothing) },
    broken: [
      ...differs('tasks', cold.run.tasks, tasks),
      ...differs('tasks of the second run', warm.run.tasks, tasks),
      ...differs('tasks of the floor', nothing.tasks, tasks),
      ...differs('tasks from the cache', warm.run.fromCache, projects * CACHED_TARGETS),
      ...differs('log entries of dry runs', sigstore.entries().length, 0),
    ],
  });
}

async function commit(message: string): Promise<void> {
  await workspace.git('add', '--all');
  const { exitCode, output } = await workspace.git('commit', '--quiet', '-m', message);
  if (exitCode !== 0) throw new Error(`git commit: ${output}`);
}

async function counted(run: () => Promise<NxRun>): Promise<{ readonly run: NxRun; readonly requests: number }> {
  const before = fleet.total;
  return { run: await run(), requests: fleet.total - before };
}

/** Projects of the tree among those that Nx lists. */
function promotionsIn({ output }: FamilyRun): number {
  const names = JSON.parse(output.slice(output.indexOf('['))) as readonly string[];
  return names.filter((name) => name.startsWith('project-')).length;
}

function named(name: string): { readonly benchmark: string; readonly case: string; readonly notes: readonly string[] } {
  return { benchmark: 'nx-scale', case: `${projects} projects, ${name}`, notes: [`nx ${nxVersion}, no daemon`] };
}

function costs(prefix: string, run: FamilyRun): Readonly<Record<string, number>> {
  return {
    [`${prefix}Ms`]: run.wallMs,
    [`${prefix}CpuMs`]: run.cpuMs,
    [`${prefix}NxMb`]: run.ownRssMb,
    [`${prefix}ChildMb`]: run.childRssMb,
  };
}

function differs(what: string, found: number, wanted: number): readonly string[] {
  return found === wanted ? [] : [`${found} ${what} instead of ${wanted}`];
}
