// SPDX-License-Identifier: Apache-2.0
// Dry run of `promograph promote` over a whole tree with the gate on, against stand-ins of its registry hosts that answer
// after 20 ms: nothing there is attested, so this is what looking costs. Usage: node benchmarks/gate-corpus.ts
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DEFAULT_SIGNER_EMAIL,
  generateTree,
  type RunningFleet,
  type RunningSigstore,
  startFleet,
  startSigstore,
} from '@promograph/devstack';
import { printLine } from './support/benchmark-line.ts';
import { medianCost, type MeasuredRun, runMeasured } from './support/measured-process.ts';
import { buildProgram } from './support/own-program.ts';
import { roundsOr } from './support/rounds.ts';

/** kpromo 4.5.1, dry run of the same corpus with its signature gate, one edge at a time. */
const KPROMO = { requests: 74_538, wallMs: 1_007_000 };
const AIM = { requests: 5000, gateRequestsPlain: 12_000, wallMs: 10_000 };
const LATENCY_MS = 20;
const CORPUS = fileURLToPath(new URL('../../shared/corpus/k8s.gcr.io-2022-01-31', import.meta.url));
/** The tree itself has findings (3) and lost images (5); nothing is refused where nothing is signed. */
const ANSWERS = [0, 3, 5];
/** What only the gate asks for: tags of signatures and attestations, referrers, and the tag that stands in for them. */
const OF_THE_GATE = /\/referrers\/|\/manifests\/sha256-[0-9a-f]{64}(?:\.(?:sig|att))?$/;

interface Variant {
  readonly name: string;
  readonly listing: 'google' | 'plain';
  readonly hasReferrers: boolean;
}

const VARIANTS: readonly Variant[] = [
  { name: 'google', listing: 'google', hasReferrers: true },
  { name: 'google without referrers', listing: 'google', hasReferrers: false },
  { name: 'plain', listing: 'plain', hasReferrers: false },
];

const work = mkdtempSync(join(tmpdir(), 'promograph-gate-corpus-'));
const rounds = roundsOr(3);
const hasCorpus = existsSync(CORPUS);
const treeDir = hasCorpus ? CORPUS : generated();
const sigstore = await startSigstore({ dir: join(work, 'sigstore') });
const built = await buildProgram();
try {
  for (const variant of VARIANTS) await measure(variant);
} finally {
  built.remove();
  await sigstore.close();
  rmSync(work, { recursive: true, force: true });
}

async function measure(variant: Variant): Promise<void> {
  const { name, ...answers } = variant;
  const outDir = join(work, name.replaceAll(' ', '-'));
  const fleet = await startFleet({ treeDir, outDir, ...answers, latencyMs: LATENCY_MS });
  try {
    switchOn(fleet, sigstore);
    const runs: MeasuredRun[] = [];
    const seen = new Set<string>();
    for (let round = 0; round < (variant.listing === 'plain' ? 1 : rounds); round += 1) {
      fleet.clearRequests();
      const args = ['--manifests', fleet.treeDir, '--state-dir', join(work, 'state'), '--output', 'json'];
      const env = { XDG_STATE_HOME: join(work, 'home') };
      runs.push(
        await runMeasured({
          command: process.execPath,
          args: [built.path, 'promote', ...args],
          env,
          expect: ANSWERS,
        }),
      );
      seen.add(`${fleet.total} requests, ${gateRequests(fleet).length} of the gate`);
    }
    report(variant, fleet, { runs, seen });
  } finally {
    await fleet.close();
  }
}

function report(
  { name, listing, hasReferrers }: Variant,
  fleet: RunningFleet,
  { runs, seen }: { readonly runs: readonly MeasuredRun[]; readonly seen: ReadonlySet<string> },
): void {
  const { gate } = JSON.parse(runs[0]?.stdout ?? '{}') as { readonly gate: { readonly summary: Summary } };
  const { digests, absent, refused } = gate.summary;
  const asked = gateRequests(fleet);
  const twice = asked.filter(([, count]) => count > 1).length;
  const lookups = asked.filter(([path]) => path.includes('/referrers/')).length;
  const cost = medianCost(runs);
  const gateCount = asked.length;
  const broken = [
    ...(seen.size === 1 ? [] : [`requests differ between runs: ${[...seen].join('; ')}`]),
    ...(absent === digests && refused === 0 ? [] : [`${absent} absent and ${refused} refused of ${digests} digests`]),
    ...(lookups === digests && twice === 0 ? [] : [`${lookups} lookups for ${digests} digests, ${twice} repeated`]),
    ...(!hasReferrers || fleet.total < AIM.requests ? [] : [`${fleet.total} requests`]),
    ...(gateCount <= (hasReferrers ? 1.05 : 4) * digests ? [] : [`${gateCount} of the gate for ${digests} digests`]),
    ...(listing === 'google' || gateCount < AIM.gateRequestsPlain ? [] : [`${gateCount} requests of the gate`]),
  ];
  const google = { requestsToAim: fleet.total / AIM.requests, wallToAim: cost.wallMs / AIM.wallMs };
  const kpromo = { requestsToKpromo: fleet.total / KPROMO.requests, wallToKpromo: cost.wallMs / KPROMO.wallMs };
  printLine({
    benchmark: 'gate-corpus',
    case: name,
    ratios:
      listing === 'plain'
        ? { gateRequestsToAim: gateCount / AIM.gateRequestsPlain }
        : { ...google, ...(hasCorpus ? kpromo : {}) },
    counts: { digests, requests: fleet.total, gateRequests: gateCount },
    measured: { ...cost, peakInFlight: fleet.peakInFlight },
    broken,
    notes: hasCorpus
      ? []
      : ["generated tree: the corpus is not beside the repository, so kpromo's numbers do not apply"],
  });
}

interface Summary {
  readonly digests: number;
  readonly absent: number;
  readonly refused: number;
}

/** Each request that only the gate makes, with how often it was made. */
function gateRequests(fleet: RunningFleet): readonly (readonly [string, number])[] {
  const byHost = Object.entries(fleet.requestCounts());
  return byHost.flatMap(([host, counts]) =>
    Object.entries(counts).flatMap(([path, count]) =>
      OF_THE_GATE.test(path) ? [[`${host} ${path}`, count] as const] : [],
    ),
  );
}

/** Signatures count where they are; the trusted root is at hand, so that nothing but the stand-ins is asked. */
function switchOn({ treeDir: dir, hosts }: RunningFleet, { files, url }: RunningSigstore): void {
  const canonical = `${hosts['us.gcr.io'] ?? Object.values(hosts)[0] ?? ''}/k8s-artifacts-prod`;
  appendFileSync(
    join(dir, 'promograph.yaml'),
    `signing:
  identity: { subject: "${DEFAULT_SIGNER_EMAIL}", issuer: "${url}" }
  token: env
  canonical: "${canonical}"
  config: "${files.signingConfig}"
  trustedRoots: [ "${files.trustedRoot}" ]
staging:
  identities: [ { subject: "build@devstack.example", issuer: "${url}" } ]
`,
  );
}

/** About as many edges and repositories as the corpus, none of its oddities. */
function generated(): string {
  const outDir = join(work, 'tree');
  const hosts = ['gcr.example.org', 'us.gcr.example.org', 'eu.gcr.example.org', 'asia.gcr.example.org'] as const;
  const shape = { projects: 87, imagesPerProject: 4, digestsPerImage: 37, destinations: 3 };
  generateTree({ outDir, ...shape, seed: 'gate-corpus', hosts });
  return outDir;
}
