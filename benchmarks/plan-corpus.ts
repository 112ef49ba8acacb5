// SPDX-License-Identifier: Apache-2.0
// `promograph plan` of a whole tree as one process, built and from source, against stand-ins of its registry hosts that
// answer after 20 ms: requests, wall, CPU and memory. Usage: node benchmarks/plan-corpus.ts
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateTree, type RunningFleet, startFleet } from '@promograph/devstack';
import { type BenchmarkLine, median, printLine } from './support/benchmark-line.ts';
import { LEAST_WALL_FORMULA, leastWall } from './support/least-wall.ts';
import { medianCost, type MeasuredRun, runMeasured } from './support/measured-process.ts';
import { leastRequests, LEAST_REQUESTS_FORMULA, type PlannedEdge } from './support/least-requests.ts';
import { buildProgram, SOURCE_PROGRAM } from './support/own-program.ts';
import { roundsOr } from './support/rounds.ts';

/** kpromo 4.5.1, plan phase, same corpus and latency on 2 cores: it pings before each listing, 20 at a time. */
const KPROMO = { requests: 2784, wallMs: 3500, cpuMs: 1500, rssMb: 180 };
const AIM_WALL_MS = 2000;
const LATENCY_MS = 20;
const CORPUS = fileURLToPath(new URL('../../shared/corpus/k8s.gcr.io-2022-01-31', import.meta.url));
/** How many times the fewest possible requests are still kept as promised. */
const MOST_OVER_LEAST = { google: 1, plain: 1.05 } as const;
/** The request phase is to take no more than so many times its optimum. */
const AIM_PHASE = 1.3;
/** 0 for a tree without findings; the corpus has known ones (3), and lost images count as partly done (5). */
const ANSWERS = [0, 3, 5];

interface Tree {
  readonly dir: string;
  readonly notes: readonly string[];
}

interface Plan {
  readonly summary: { readonly edges: number };
  readonly projects: readonly { readonly actions: readonly PlannedEdge[] }[];
}

const work = mkdtempSync(join(tmpdir(), 'promograph-plan-corpus-'));
const rounds = roundsOr(3);
const built = await buildProgram();
try {
  const tree = existsSync(CORPUS) ? { dir: CORPUS, notes: [] } : generated();
  for (const { state, listing, promotedShare } of [
    { state: '', listing: 'google', promotedShare: 0.95 },
    { state: ', all present', listing: 'google', promotedShare: 1 },
    { state: '', listing: 'plain', promotedShare: 0.95 },
  ] as const) {
    const outDir = join(work, `${listing}-${promotedShare}`);
    const fleet = await startFleet({ treeDir: tree.dir, outDir, listing, promotedShare, latencyMs: LATENCY_MS });
    try {
      const least = leastRequests(await plannedEdges(fleet), listing);
      await measure({ fleet, tree, state, listing, least, program: 'built' });
      if (listing === 'google' && state === '') {
        await measure({ fleet, tree, state, listing, least, program: 'built, first run' });
        await measure({ fleet, tree, state, listing, least, program: 'source' });
      }
    } finally {
      await fleet.close();
    }
  }
} finally {
  built.remove();
  rmSync(work, { recursive: true, force: true });
}

interface Case {
  readonly fleet: RunningFleet;
  readonly tree: Tree;
  readonly listing: 'google' | 'plain';
  /** What the registries hold, for the name of the case. */
  readonly state: string;
  /** The fewest requests that can tell the plan. */
  readonly least: number;
  /** A first run finds no code that an earlier one compiled. */
  readonly program: 'built' | 'built, first run' | 'source';
}

/** Where runs keep compiled code: in a directory of their own, as on a machine that is no CI runner. */
function cachesIn(name: string): Readonly<Record<string, string>> {
  return { XDG_CACHE_HOME: join(work, name), CI: '' };
}

/** What a plan says of every edge; its cost is not measured, for it prints forty times as much. */
async function plannedEdges(fleet: RunningFleet): Promise<readonly PlannedEdge[]> {
  const state = join(work, 'state-all');
  const args = [built.path, 'plan', '--manifests', fleet.treeDir, '--state-dir', state, '--all', '--output', 'json'];
  const env = cachesIn('caches');
  const { stdout } = await runMeasured({ command: process.execPath, args, env, expect: ANSWERS });
  return (JSON.parse(stdout) as Plan).projects.flatMap(({ actions }) => actions);
}

async function measure(subject: Case): Promise<void> {
  const { fleet, program } = subject;
  const runs: MeasuredRun[] = [];
  const phases: number[] = [];
  const requests = new Set<number>();
  // A HEAD for each tag is fifty times the requests: one round tells enough.
  for (let round = 0; round < (subject.listing === 'plain' ? 1 : rounds); round += 1) {
    fleet.clearRequests();
    const state = join(work, `state-${program}-${round}`);
    const script = program === 'source' ? SOURCE_PROGRAM : built.path;
    const env = cachesIn(program === 'built, first run' ? `caches-${round}` : 'caches');
    const args = [script, 'plan', '--manifests', fleet.treeDir, '--state-dir', state, '--output', 'json'];
    runs.push(await runMeasured({ command: process.execPath, args, env, expect: ANSWERS }));
    requests.add(fleet.total);
    phases.push(fleet.spanMs);
    rmSync(state, { recursive: true, force: true });
  }
  printLine(lineOf(subject, runs, { requests: [...requests], phaseMs: median(phases) }));
}

function lineOf(
  { fleet, least, listing, program, state, tree }: Case,
  runs: readonly MeasuredRun[],
  { requests, phaseMs }: { readonly requests: readonly number[]; readonly phaseMs: number },
): BenchmarkLine {
  const { edges } = (JSON.parse(runs[0]?.stdout ?? '{}') as Plan).summary;
  const cost = medianCost(runs);
  const most = Math.max(...requests);
  const repositories = fleet.sources + fleet.destinations;
  const broken = [
    ...(edges === fleet.edges ? [] : [`${edges} edges planned of ${fleet.edges}`]),
    ...(requests.length === 1 ? [] : [`requests differ between runs: ${requests.join(', ')}`]),
    ...(listing === 'plain' || most <= repositories ? [] : [`${most} requests for ${repositories} repositories`]),
    ...(most <= least * MOST_OVER_LEAST[listing] ? [] : [`${most} requests where ${least} would do`]),
  ];
  const { optimumMs, sideBySideMs } = leastWall(fleet.requestCounts(), LATENCY_MS);
  const always = {
    requestsToLeast: most / least,
    phaseToAim: phaseMs / optimumMs / AIM_PHASE,
    phaseToSideBySide: phaseMs / sideBySideMs,
  };
  const google = {
    ...always,
    requestsPerRepository: most / repositories,
    wallToAim: cost.wallMs / AIM_WALL_MS,
    requestsToKpromo: most / KPROMO.requests,
    wallToKpromo: cost.wallMs / KPROMO.wallMs,
    cpuToKpromo: cost.cpuMs / KPROMO.cpuMs,
    rssToKpromo: cost.rssMb / KPROMO.rssMb,
  };
  return {
    benchmark: 'plan-corpus',
    case: `${listing}, ${program}${state}`,
    // kpromo knows no other listing than Google's, and its numbers are of this corpus.
    ratios: listing === 'google' && tree.notes.length === 0 ? google : always,
    counts: { edges, repositories, requests: most, leastRequests: least },
    measured: { ...cost, phaseMs, optimumMs, sideBySideMs, peakInFlight: fleet.peakInFlight },
    broken,
    notes: [...tree.notes, LEAST_REQUESTS_FORMULA[listing], LEAST_WALL_FORMULA],
  };
}

/** About as many edges and repositories as the corpus, none of its oddities. */
function generated(): Tree {
  const dir = join(work, 'tree');
  const hosts = ['gcr.example.org', 'us.gcr.example.org', 'eu.gcr.example.org', 'asia.gcr.example.org'] as const;
  generateTree({
    outDir: dir,
    projects: 87,
    imagesPerProject: 4,
    digestsPerImage: 37,
    destinations: 3,
    seed: 'plan-corpus',
    hosts,
  });
  return { dir, notes: ["generated tree: the corpus is not beside the repository, so kpromo's numbers do not apply"] };
}
