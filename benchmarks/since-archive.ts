// SPDX-License-Identifier: Apache-2.0
// `promograph plan --since` where one image of a project of 3 MB has changed: requests as the registries count them, wall,
// CPU and memory of the whole process, beside a plan of all of it. Usage: node benchmarks/since-archive.ts
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateTree, type RunningFleet, startFleet } from '@promograph/devstack';
import { execa } from 'execa';
import { printLine } from './support/benchmark-line.ts';
import { type MeasuredRun, medianCost, runMeasured } from './support/measured-process.ts';
import { buildProgram } from './support/own-program.ts';
import { roundsOr } from './support/rounds.ts';

const CORPUS = fileURLToPath(new URL('../../shared/corpus/k8s.gcr.io-2022-01-31-archived', import.meta.url));
const GENERATED = { projects: 1, imagesPerProject: 600, digestsPerImage: 54, destinations: 3, seed: 'since-archive' };
const GENERATED_HOSTS = ['staging.example.org', 'us.example.org', 'eu.example.org', 'asia.example.org'] as const;
/** By the number of requests that one destination repository of the change may see. */
const MOST_PER_DESTINATION = 2;
/** 5 where images are lost: nothing of the archive is promoted yet, and its sources have everything. */
const ANSWERS = [0, 5];
const GIT = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'commit.gpgsign=false'];
/** A digest with tags, on a line of its own. */
const TAGGED_LINE = /^ {4}["']?(sha256:[0-9a-f]{64})["']?: \[ ?["']?[^\]\s"'].*\]$/;

interface Plan {
  readonly summary: { readonly edges: number };
  readonly projects: readonly { readonly actions: readonly { readonly destination: string }[] }[];
}

const work = mkdtempSync(join(tmpdir(), 'promograph-since-'));
const rounds = roundsOr(3);
const built = await buildProgram();
try {
  const tree = existsSync(CORPUS) ? { dir: CORPUS, notes: [] } : generated();
  for (const listing of ['google', 'plain'] as const) {
    const outDir = join(work, listing);
    // Nothing is promoted: every edge of the change is missing, which asks for most.
    const fleet = await startFleet({ treeDir: tree.dir, outDir, listing, promotedShare: 0 });
    try {
      const digest = await commitChange(fleet.treeDir);
      await measure({ fleet, listing, digest, notes: tree.notes });
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
  readonly listing: 'google' | 'plain';
  /** What the last commit added. */
  readonly digest: string;
  readonly notes: readonly string[];
}

function generated(): { readonly dir: string; readonly notes: readonly string[] } {
  const dir = join(work, 'generated');
  generateTree({ outDir: dir, ...GENERATED, hosts: GENERATED_HOSTS });
  return { dir, notes: ['the corpus is not here: a generated project of its size'] };
}

/** Two commits: the tree without the digest in the middle of its one images file, then with it. */
async function commitChange(dir: string): Promise<string> {
  const [file] = globSync(join(dir, 'images/*/images.yaml'));
  if (file === undefined) throw new Error(`no images in ${dir}`);
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n');
  const candidates = lines.filter((line) => TAGGED_LINE.test(line));
  const line = candidates[Math.floor(candidates.length / 2)] ?? '';
  const [, digest = ''] = TAGGED_LINE.exec(line) ?? [];
  const git = async (...args: readonly string[]): Promise<unknown> => execa('git', [...GIT, ...args], { cwd: dir });
  await git('init', '--quiet', '--initial-branch=main');
  for (const [message, content] of [
    ['before', lines.filter((each) => each !== line).join('\n')],
    ['after', text],
  ] as const) {
    writeFileSync(file, content);
    await git('add', '--all');
    await git('commit', '--quiet', '-m', message);
  }
  return digest;
}

/** The whole process, and what the registries saw of one run. */
async function plan({ fleet }: Case, ...flags: readonly string[]): Promise<MeasuredRun & { readonly plan: Plan }> {
  fleet.clearRequests();
  const state = join(work, 'state');
  const args = [built.path, 'plan', '--manifests', fleet.treeDir, '--state-dir', state, '--output', 'json', ...flags];
  const run = await runMeasured({ command: process.execPath, args, expect: ANSWERS });
  return { ...run, plan: JSON.parse(run.stdout) as Plan };
}

async function measure(which: Case): Promise<void> {
  const { fleet, listing, notes } = which;
  const runs: Awaited<ReturnType<typeof plan>>[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await plan(which, '--since', 'HEAD~1', '--all'));
  const requests = fleet.total;
  const actions = runs.flatMap((run) => run.plan.projects.flatMap((project) => project.actions));
  const destinations = [...new Set(actions.map(({ destination }) => destination))];
  const most = Math.max(0, ...destinations.map((destination) => requestsAt(fleet, destination)));
  // Without digests in the listing all of it takes minutes and says nothing more.
  const whole = listing === 'google' ? await plan(which) : null;
  const cost = medianCost(runs);
  const edges = [...new Set(runs.map((run) => run.plan.summary.edges))];
  printLine({
    benchmark: 'since-archive',
    case: `${listing} listing`,
    ratios: whole === null ? {} : { requestsToWhole: requests / fleet.total, cpuToWhole: cost.cpuMs / whole.cpuMs },
    counts: { edges: edges[0] ?? 0, destinations: destinations.length, requests, mostPerDestination: most },
    measured: {
      ...cost,
      ...(whole !== null && { wholeWallMs: whole.wallMs, wholeCpuMs: whole.cpuMs, wholeRequests: fleet.total }),
    },
    broken: [
      ...(most <= MOST_PER_DESTINATION && destinations.length > 0
        ? []
        : [
            `${most} requests at one of ${destinations.length} destinations instead of ${MOST_PER_DESTINATION} at most`,
          ]),
      ...(edges.length === 1 && edges[0] === destinations.length ? [] : [`${edges.join(', ')} edges of one tag`]),
    ],
    notes,
  });
}

/** Requests whose path is in that repository, `host/path`. */
function requestsAt(fleet: RunningFleet, destination: string): number {
  const slash = destination.indexOf('/');
  const name = Object.entries(fleet.hosts).find(([, host]) => host === destination.slice(0, slash))?.[0] ?? '';
  const within = ` /v2/${destination.slice(slash + 1)}/`;
  const counts = Object.entries(fleet.requestCounts()[name] ?? {});
  return counts.reduce((sum, [request, count]) => (request.includes(within) ? sum + count : sum), 0);
}
