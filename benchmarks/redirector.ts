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
/** Aims: shares of the bare server's rate, and memory above its own. */
const AIM_REMEMBERED = 0.7;
const AIM_FLOOD = 0.5;
const AIM_MEMORY_MB = 60;
const BUDGET_PER_SECOND = 200;
/** Of a million, so many may have made room for others. */
const MOST_LOST = 10_000;

const rounds = roundsOr(7);
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
const bare = await startLoadedServer(program, 'bare');
// Accepts and never answers: the worst way to be dead.
const silent = createServer(() => undefined);
await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
try {
  await measureRemembered();
  await measureFlood();
} finally {
  bare.close();
  silent.close();
  rmSync(dir, { recursive: true });
}
// Connections to the silent registry are still open.
process.exit();

async function measureRemembered(): Promise<void> {
  const config = writeConfig({ tagFor: '24h', perSecond: 100_000, remember: DIGESTS });
  const own = await startLoadedServer(program, config, 'remembering');
  let at = 0;
  await sendLoad({ port: own.port, nextPath: () => (at < DIGESTS ? digestAt(at++) : null) });
  // The same load, so that both heaps have seen as much.
  at = 0;
  await sendLoad({ port: bare.port, nextPath: () => (at < DIGESTS ? digestAt(at++) : null) });
  const remembered = (await own.metrics()).get('promograph_redirector_remembered_entries{table="digests"}') ?? 0;
  const tags = await compare(own, randomTag, AIM_REMEMBERED);
  const digests = await compare(own, randomDigest, AIM_REMEMBERED);
  const [ownMb, bareMb] = [(await own.usage()).rssMb, (await bare.usage()).rssMb];
  own.close();
  printLine({ benchmark: 'redirector', case: 'manifests by tag', counts: {}, broken: [], notes, ...tags });
  printLine({
    benchmark: 'redirector',
    case: 'a million remembered digests',
    ratios: { ...digests.ratios, memoryToAim: (ownMb - bareMb) / AIM_MEMORY_MB },
    counts: {},
    measured: { ...digests.measured, remembered, rssMb: ownMb, bareRssMb: bareMb },
    broken: remembered < DIGESTS - MOST_LOST ? [`only ${remembered} of ${DIGESTS} digests are remembered`] : [],
    notes,
  });
}

async function measureFlood(): Promise<void> {
  const own = await startLoadedServer(program, writeConfig({ perSecond: BUDGET_PER_SECOND }));
  const asked = async (): Promise<number> =>
    (await own.metrics()).get('promograph_redirector_questions_total{result="asked"}') ?? 0;
  const startedAtMs = performance.now();
  const { ratios, measured } = await compare(own, strangeDigest, AIM_FLOOD);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const questions = await asked();
  own.close();
  const most = BUDGET_PER_SECOND * (seconds + 1);
  printLine({
    benchmark: 'redirector',
    case: 'random digests, silent registries',
    ratios,
    counts: {},
    measured: { ...measured, questionsPerSecond: questions / seconds },
    broken:
      questions > most
        ? [`${questions} questions in ${seconds.toFixed(1)} s, with a budget of ${BUDGET_PER_SECOND} a second`]
        : [],
    notes,
  });
}

/** Runs both servers in turn under the same load. Shares are of each round: what disturbs one server disturbs the other. */
async function compare(
  own: LoadedServer,
  nextPath: () => string,
  aim: number,
): Promise<{ ratios: Record<string, number>; measured: Record<string, number> }> {
  const samples: { readonly own: Sample; readonly bare: Sample }[] = [];
  await measure(own, nextPath);
  await measure(bare, nextPath);
  for (let round = 0; round < rounds; round += 1) {
    samples.push({ own: await measure(own, nextPath), bare: await measure(bare, nextPath) });
  }
  const medianOf = (of: (each: (typeof samples)[number]) => number): number => median(samples.map(of));
  const measured = {
    perSecond: medianOf((each) => each.own.perSecond),
    barePerSecond: medianOf((each) => each.bare.perSecond),
    cpuUs: medianOf((each) => each.own.cpuUs),
    bareCpuUs: medianOf((each) => each.bare.cpuUs),
    share: medianOf((each) => each.own.perSecond / each.bare.perSecond),
    cpuShare: medianOf((each) => each.bare.cpuUs / each.own.cpuUs),
  };
  return { ratios: { rateToAim: aim / measured.share, cpuToAim: aim / measured.cpuShare }, measured };
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
