// SPDX-License-Identifier: Apache-2.0
// `promograph plan` of a whole tree as one process, built and from source, against stand-ins of its registry hosts that
// answer after 20 ms: requests, wall, CPU and memory. Usage: node benchmarks/plan-corpus.ts
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateTree, type RunningFleet, startFleet } from '@promograph/devstack';
import { type BenchmarkLine, printLine } from './support/benchmark-line.ts';
import { medianCost, type MeasuredRun, runMeasured } from './support/measured-process.ts';
import { buildProgram, SOURCE_PROGRAM } from './support/own-program.ts';
import { roundsOr } from './support/rounds.ts';

/** kpromo 4.5.1, plan phase, same corpus and latency on 2 cores: it pings before each listing, 20 at a time. */
const KPROMO = { requests: 2784, wallMs: 3500, cpuMs: 1500, rssMb: 180 };
const AIM_WALL_MS = 2000;
const LATENCY_MS = 20;
const CORPUS = fileURLToPath(new URL('../../shared/corpus/k8s.gcr.io-2022-01-31', import.meta.url));
/** 0 for a tree without findings; the corpus has known ones (3), and lost images count as partly done (5). */
const ANSWERS = [0, 3, 5];

interface Tree {
  readonly dir: string;
  readonly notes: readonly string[];
}

interface Plan {
  readonly summary: { readonly edges: number };
}

const work = mkdtempSync(join(tmpdir(), 'promograph-plan-corpus-'));
const rounds = roundsOr(3);
const built = await buildProgram();
try {
  const tree = existsSync(CORPUS) ? { dir: CORPUS, notes: [] } : generated();
  for (const listing of ['google', 'plain'] as const) {
    const outDir = join(work, listing);
    const fleet = await startFleet({ treeDir: tree.dir, outDir, listing, latencyMs: LATENCY_MS });
    try {
      await measure({ fleet, tree, listing, program: 'built' });
      if (listing === 'google') await measure({ fleet, tree, listing, program: 'source' });
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
  readonly program: 'built' | 'source';
}

async function measure(subject: Case): Promise<void> {
  const { fleet, program } = subject;
  const runs: MeasuredRun[] = [];
  const requests = new Set<number>();
  // A HEAD for each tag is fifty times the requests: one round tells enough.
  for (let round = 0; round < (subject.listing === 'plain' ? 1 : rounds); round += 1) {
    fleet.clearRequests();
    const state = join(work, `state-${program}-${round}`);
    const script = program === 'built' ? built.path : SOURCE_PROGRAM;
    const args = [script, 'plan', '--manifests', fleet.treeDir, '--state-dir', state, '--output', 'json'];
    runs.push(await runMeasured({ command: process.execPath, args, expect: ANSWERS }));
    requests.add(fleet.total);
    rmSync(state, { recursive: true, force: true });
  }
  printLine(lineOf(subject, runs, [...requests]));
}

function lineOf(
  { fleet, listing, program, tree }: Case,
  runs: readonly MeasuredRun[],
  requests: number[],
): BenchmarkLine {
  const { edges } = (JSON.parse(runs[0]?.stdout ?? '{}') as Plan).summary;
  const cost = medianCost(runs);
  const most = Math.max(...requests);
  const repositories = fleet.sources + fleet.destinations;
  const broken = [
    ...(edges === fleet.edges ? [] : [`${edges} edges planned of ${fleet.edges}`]),
    ...(requests.length === 1 ? [] : [`requests differ between runs: ${requests.join(', ')}`]),
    ...(listing === 'plain' || most <= repositories ? [] : [`${most} requests for ${repositories} repositories`]),
  ];
  const google = {
    requestsPerRepository: most / repositories,
    wallToAim: cost.wallMs / AIM_WALL_MS,
    requestsToKpromo: most / KPROMO.requests,
    wallToKpromo: cost.wallMs / KPROMO.wallMs,
    cpuToKpromo: cost.cpuMs / KPROMO.cpuMs,
    rssToKpromo: cost.rssMb / KPROMO.rssMb,
  };
  return {
    benchmark: 'plan-corpus',
    case: `${listing}, ${program}`,
    // kpromo knows no other listing than Google's, and its numbers are of this corpus.
    ratios: listing === 'google' && tree.notes.length === 0 ? google : {},
    counts: { edges, repositories, requests: most },
    measured: { ...cost, peakInFlight: fleet.peakInFlight },
    broken,
    notes: tree.notes,
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
