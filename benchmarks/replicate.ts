// SPDX-License-Identifier: Apache-2.0
// Replication over a fleet that is simulated in memory: requests, counted as a real client would send them, and the minutes
// they take at a given rate. Usage: node benchmarks/replicate.ts [case]
import { createMemoryLeaseStore } from '@promograph/limiter';
import { type Replication, replicateSignatures } from '@promograph/promoter';
import type { CopyEngine } from '@promograph/registry';
import { createSignatureStore } from '@promograph/signing';
import { printLine } from './support/benchmark-line.ts';
import { type FleetShape, type FleetSpread, ReplicationFleet } from './support/replication-fleet.ts';

const REQUESTS_PER_SECOND = 83;
/** Minutes for one budget that all hosts share, and for one budget of each host. */
const MAX_MINUTES = 13;
const MAX_MINUTES_PER_HOST = 4;
/** The manifest, and of an attestation its layer; the payload of a signature of ours is known. */
const SOURCE_REQUESTS = { sig: 1, att: 2 };
/** Layer and config, and the tag. */
const BLOBS = 2;
const TAG_REQUESTS = 1;

const SIZE = { groups: 46_000, repositories: 1350, mirrors: 22, signedShare: 43, missingEvery: 100 };
const FLEET = { ...SIZE, suffixes: ['sig', 'att'], takesSinglePosts: true } as const;
const CASES: Readonly<Record<string, FleetShape>> = {
  'new-groups': { ...FLEET, spread: 'new groups' },
  'random-pairs': { ...FLEET, spread: 'random pairs' },
  'pairs-apart': { ...FLEET, spread: 'pairs apart' },
  'pairs-apart-signatures': { ...FLEET, spread: 'pairs apart', suffixes: ['sig'] },
  'pairs-apart-two-requests-a-blob': { ...FLEET, spread: 'pairs apart', takesSinglePosts: false },
};
const SPREADS: Readonly<Record<FleetSpread, string>> = {
  'new groups':
    'whole groups are missing at all mirrors, as what was signed since the last run: this is the steady state',
  'random pairs': 'each pair of signed group and mirror is missing with the same chance, from a fixed seed',
  'pairs apart': 'each missing pair is in a group of its own, so that no read at the source is shared',
};

const [only] = process.argv.slice(2);
for (const [name, shape] of Object.entries(CASES)) if (only === undefined || only === name) await run(name, shape);

async function run(name: string, shape: FleetShape): Promise<void> {
  const fleet = new ReplicationFleet(shape);
  const missing = fleet.countMissing();
  const start = performance.now();
  const replication = await replicate(fleet);
  const wallMs = performance.now() - start;
  const lists = fleet.lists;
  const byHost = [...fleet.requests.values()];
  const requests = byHost.reduce((sum, count) => sum + count, 0);
  const again = await replicate(fleet);
  const minutes = (count: number): number => count / REQUESTS_PER_SECOND / 60;
  const copies = replication.summary.copied;
  const promised = promisedRequests(shape, missing);
  printLine({
    benchmark: 'replicate',
    case: name,
    ratios: {
      minutesToAim: minutes(requests) / MAX_MINUTES,
      minutesPerHostToAim: minutes(Math.max(...byHost)) / MAX_MINUTES_PER_HOST,
    },
    counts: {
      groups: replication.summary.groups,
      signed: replication.summary.signed,
      lists,
      copies,
      readImages: missing.images,
      requests,
      requestsAgain: [...fleet.requests.values()].reduce((sum, count) => sum + count, 0) - requests,
      minutes: minutes(requests),
      minutesPerHost: minutes(Math.max(...byHost)),
    },
    measured: { wallMs, rssMb: (process.resourceUsage().maxRSS * 1024) / 1e6 },
    broken: brokenPromises(fleet, { replication, again, missing, lists, requests }),
    notes: [
      promised.formula,
      'each call of the client counts as one request: tokens and retries of real registries come on top',
      `the fleet is simulated: ${SPREADS[shape.spread]}`,
    ],
  });
}

type Missing = ReturnType<ReplicationFleet['countMissing']>;

/**
 * One list per repository and registry, then the copies: what any mirror lacks is read once at the source. And a look at the
 * first blob that a mirror took in one request.
 */
function promisedRequests(shape: FleetShape, missing: Missing): { readonly total: number; readonly formula: string } {
  const { repositories, mirrors, suffixes, takesSinglePosts } = shape;
  const lists = repositories * (mirrors + 1);
  const groups = missing.images / suffixes.length;
  const atSource = suffixes.reduce((sum, suffix) => sum + SOURCE_REQUESTS[suffix], 0);
  const each = BLOBS * (takesSinglePosts ? 1 : 2) + TAG_REQUESTS;
  const looks = takesSinglePosts ? mirrors : 0;
  const total = lists + groups * atSource + missing.tags * each + looks;
  const formula = `${repositories} repositories x ${mirrors + 1} registries = ${lists} lists; ${lists} + ${groups} groups x ${atSource} at the source + ${missing.tags} copies x ${each} at the mirror + ${looks} = ${total} requests`;
  return { total, formula };
}

interface Outcome {
  readonly replication: Replication;
  readonly again: Replication;
  readonly missing: Missing;
  readonly lists: number;
  readonly requests: number;
}

function brokenPromises(fleet: ReplicationFleet, outcome: Outcome): string[] {
  const { replication, again, missing, lists, requests } = outcome;
  const { groups, mirrors, repositories, signedShare } = fleet.shape;
  const { summary } = replication;
  const promised = promisedRequests(fleet.shape, missing).total;
  const checks: readonly [boolean, string][] = [
    [summary.groups === groups && summary.signed === (groups * signedShare) / 100, 'other groups than there are'],
    [
      summary.copied === missing.tags && summary.failed === 0,
      `${summary.copied} of ${missing.tags} missing tags copied`,
    ],
    [
      fleet.written.size === missing.tags && fleet.faults.length === 0,
      `wrong writes: ${fleet.faults.slice(0, 3).join('; ')}`,
    ],
    [lists === repositories * (mirrors + 1), `${lists} lists, not one per repository and registry`],
    [[...fleet.sourceReads.values()].every((count) => count === 1), 'something was read twice at the source'],
    [requests === promised, `${requests} requests instead of ${promised}`],
    [again.summary.copied === 0 && again.summary.missing === 0, 'the second run found something missing'],
    [fleet.lists === 2 * lists, 'the second run listed more than the first'],
  ];
  return checks.flatMap(([isKept, what]) => (isKept ? [] : [what]));
}

function replicate(fleet: ReplicationFleet): Promise<Replication> {
  const client = fleet.client();
  const leases = createMemoryLeaseStore();
  const unneeded = async (): Promise<never> => {
    throw new Error('signatures are small: the copy engine is not needed');
  };
  const engine: Pick<CopyEngine, 'copy' | 'publishTag'> = { copy: unneeded, publishTag: unneeded };
  const store = createSignatureStore({ client, leases });
  const routes = fleet.digests.map((digests, index) => ({
    canonical: fleet.name(0, index),
    reference: fleet.name(0, index),
    mirrors: Array.from({ length: fleet.shape.mirrors }, (_, mirror) => fleet.name(mirror + 1, index)),
    digests,
  }));
  return replicateSignatures(
    { routes, canonicals: new Set(), confirm: true, referrers: false },
    { client, engine, leases, store, signal: undefined, onProgress: () => undefined },
  );
}
