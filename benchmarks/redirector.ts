// SPDX-License-Identifier: Apache-2.0
// The redirector against a bare `node:http` server that answers every request with one redirect, in turn within one run:
// manifests by tag, a million remembered digests, and a flood of random digests while no registry answers.
// Usage: node benchmarks/redirector.ts
import { rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { median, printLine } from './support/benchmark-line.ts';
import {
  buildLoadedServer,
  type LoadedServer,
  sendLoad,
  sendTimedLoad,
  startLoadedServer,
} from './support/redirect-load.ts';
import { hasCores, hasWrk } from './support/redirect-wrk.ts';
import { roundsOr } from './support/rounds.ts';

const DIGESTS = 1_000_000;
const TAGS = 1000;
const SECONDS = 1;
/** Pairs of measurements of two servers, each time they are started. */
const PAIRS = 3;
/** Aims: shares of the bare server's rate, and memory above its own. */
const AIM_REMEMBERED = 0.7;
const AIM_FLOOD = 0.5;
const AIM_MEMORY_MB = 60;
const BUDGET_PER_SECOND = 200;
/** Of a million, so many may have made room for others. */
const MOST_LOST = 10_000;

/** How often both servers are started: what a process gets of the machine differs more than what it does in it. */
const starts = roundsOr(5);
const notes = [
  ...(hasWrk ? [] : ['wrk is not installed: the load is made in JavaScript and takes as much CPU as a server']),
  ...(hasCores ? [] : ['server and load share cores']),
];
const digestAt = (at: number): string =>
  `/v2/kubernetes/kube-apiserver/manifests/sha256:${at.toString(16).padStart(64, '0')}`;
const randomDigest = (): string => digestAt(Math.floor(Math.random() * DIGESTS));
const randomTag = (): string => `/v2/kubernetes/kube-apiserver/manifests/v1.${Math.floor(Math.random() * TAGS)}`;
let strange = 0;
const strangeDigest = (): string => digestAt(1e15 + (strange += 1));

const { dir, program } = await buildLoadedServer();
// Accepts and never answers: the worst way to be dead.
const silent = createServer(() => undefined);
await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
try {
  const remembering: Remembering[] = [];
  const floods: Flood[] = [];
  for (let start = 0; start < starts; start += 1) {
    const bare = await startLoadedServer(program, 'bare');
    remembering.push(await measureRemembered(bare));
    floods.push(await measureFlood(bare));
    bare.close();
  }
  printRemembering(remembering);
  printFloods(floods);
} finally {
  silent.close();
  rmSync(dir, { recursive: true });
}
// Connections to the silent registry are still open.
process.exit();

/** One start of both servers, with a million digests. */
interface Remembering {
  readonly tags: readonly Pair[];
  readonly digests: readonly Pair[];
  readonly remembered: number;
  readonly rssMb: number;
  readonly bareRssMb: number;
}

async function measureRemembered(bare: LoadedServer): Promise<Remembering> {
  const config = writeConfig({ tagFor: '24h', perSecond: 100_000, remember: DIGESTS });
  const own = await startLoadedServer(program, config, 'remembering');
  // The same load, so that both heaps have seen as much.
  for (const { port } of [own, bare]) {
    let at = 0;
    await sendLoad({ port, nextPath: () => (at < DIGESTS ? digestAt(at++) : null) });
  }
  const remembered = (await own.metrics()).get('promograph_redirector_remembered_entries{table="digests"}') ?? 0;
  const tags = await compare(own, bare, randomTag);
  const digests = await compare(own, bare, randomDigest);
  const [{ rssMb }, { rssMb: bareRssMb }] = [await own.usage(), await bare.usage()];
  own.close();
  return { tags, digests, remembered, rssMb, bareRssMb };
}

function printRemembering(measured: readonly Remembering[]): void {
  const tags = sharesOf(measured.map((start) => start.tags));
  const digests = sharesOf(measured.map((start) => start.digests));
  const memory = measured.map(({ rssMb, bareRssMb }) => rssMb - bareRssMb);
  const fewest = Math.min(...measured.map(({ remembered }) => remembered));
  printLine({
    benchmark: 'redirector',
    case: 'manifests by tag',
    ratios: { rateToAim: AIM_REMEMBERED / tags.share, cpuToAim: AIM_REMEMBERED / tags.cpuShare },
    counts: {},
    measured: { ...tags },
    broken: [],
    notes,
  });
  printLine({
    benchmark: 'redirector',
    case: 'a million remembered digests',
    ratios: {
      rateToAim: AIM_REMEMBERED / digests.share,
      cpuToAim: AIM_REMEMBERED / digests.cpuShare,
      memoryToAim: median(memory) / AIM_MEMORY_MB,
    },
    counts: {},
    measured: { ...digests, remembered: fewest, addedRssMb: median(memory), mostAddedRssMb: Math.max(...memory) },
    broken: fewest < DIGESTS - MOST_LOST ? [`only ${fewest} of ${DIGESTS} digests are remembered`] : [],
    notes,
  });
}

/** One start of both servers, while no registry answers. */
interface Flood {
  readonly pairs: readonly Pair[];
  readonly questions: number;
  readonly seconds: number;
}

async function measureFlood(bare: LoadedServer): Promise<Flood> {
  const own = await startLoadedServer(program, writeConfig({ perSecond: BUDGET_PER_SECOND }));
  const startedAtMs = performance.now();
  const pairs = await compare(own, bare, strangeDigest);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const questions = (await own.metrics()).get('promograph_redirector_questions_total{result="asked"}') ?? 0;
  own.close();
  return { pairs, questions, seconds };
}

function printFloods(floods: readonly Flood[]): void {
  const shares = sharesOf(floods.map(({ pairs }) => pairs));
  const tooMany = floods.filter(({ questions, seconds }) => questions > BUDGET_PER_SECOND * (seconds + 1));
  printLine({
    benchmark: 'redirector',
    case: 'random digests, silent registries',
    ratios: { rateToAim: AIM_FLOOD / shares.share, cpuToAim: AIM_FLOOD / shares.cpuShare },
    counts: {},
    measured: { ...shares, questionsPerSecond: median(floods.map(({ questions, seconds }) => questions / seconds)) },
    broken: tooMany.map(
      ({ questions, seconds }) =>
        `${questions} questions in ${seconds.toFixed(1)} s, with a budget of ${BUDGET_PER_SECOND} a second`,
    ),
    notes,
  });
}

/** Both servers under the same load, one after the other: what disturbs one disturbs the other. */
interface Pair {
  readonly own: Sample;
  readonly bare: Sample;
}

async function compare(own: LoadedServer, bare: LoadedServer, nextPath: () => string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  await measure(own, nextPath);
  await measure(bare, nextPath);
  for (let round = 0; round < PAIRS; round += 1) {
    pairs.push({ own: await measure(own, nextPath), bare: await measure(bare, nextPath) });
  }
  return pairs;
}

/** Medians over starts of the medians over pairs, with the spread of the starts. */
function sharesOf(byStart: readonly (readonly Pair[])[]): Shares {
  const of = (figure: (pair: Pair) => number): number[] => byStart.map((pairs) => median(pairs.map(figure)));
  const shares = of(({ own, bare }) => own.perSecond / bare.perSecond);
  return {
    perSecond: median(of(({ own }) => own.perSecond)),
    barePerSecond: median(of(({ bare }) => bare.perSecond)),
    cpuUs: median(of(({ own }) => own.cpuUs)),
    bareCpuUs: median(of(({ bare }) => bare.cpuUs)),
    share: median(shares),
    leastShare: Math.min(...shares),
    mostShare: Math.max(...shares),
    cpuShare: median(of(({ own, bare }) => bare.cpuUs / own.cpuUs)),
  };
}

/** What the redirector reaches of the bare server's rate, and of its requests for the same CPU time. */
interface Shares {
  readonly perSecond: number;
  readonly barePerSecond: number;
  readonly cpuUs: number;
  readonly bareCpuUs: number;
  readonly share: number;
  readonly leastShare: number;
  readonly mostShare: number;
  readonly cpuShare: number;
}

interface Sample {
  readonly perSecond: number;
  /** Of the server alone, for each request. */
  readonly cpuUs: number;
}

async function measure(server: LoadedServer, nextPath: () => string): Promise<Sample> {
  const before = await server.usage();
  const { requests, perSecond } = await sendTimedLoad({ port: server.port, nextPath, seconds: SECONDS, dir });
  const after = await server.usage();
  return { perSecond, cpuUs: (after.cpuUs - before.cpuUs) / requests };
}

/** A region and a canonical registry that never answer; checks come too seldom to take them out. */
function writeConfig(probe: object): string {
  const file = join(dir, 'redirector.yaml');
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const config = {
    listen: '127.0.0.1:0',
    metricsListen: '127.0.0.1:0',
    canonical: [{ endpoint, prefix: 'canonical' }],
    regions: { west: { endpoint, prefix: 'prod/images' } },
    default: 'west',
    probe,
    health: { interval: '1h', fall: 100 },
    log: { sample: 0.01 },
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}
