// SPDX-License-Identifier: Apache-2.0
// 20 images of 5 layers of 4 MB to 1, 4 and 8 registries: promograph, skopeo and crane in turn, each whole. Wall, CPU and
// memory of the client, bytes that the source gave. Usage: node benchmarks/copy-fanout.ts [destinations ...]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeer, type PeerProgram } from '../e2e/support/peer-programs.ts';
import type { PeerRegistry } from '../e2e/support/peer-registry.ts';
import { median, printLine } from './support/benchmark-line.ts';
import {
  countArrived,
  DESTINATION_PATH,
  SOURCE_PATH,
  startDestinations,
  startFanoutSource,
  TAG,
  writeFanoutTree,
} from './support/fanout-world.ts';
import { type Cost, medianCost, type MeasuredCall, runMeasured } from './support/measured-process.ts';
import { buildProgram } from './support/own-program.ts';
import { roundsOr } from './support/rounds.ts';

const SHAPE = { images: 20, layers: 5, layerBytes: 4_000_000 };
/** Copies that a peer has under way at once; each copies several layers at once. */
const PEER_COPIES = 4;
/** Manifests and the headers of listings are read, too: layers read twice would be far above this. */
const MAX_SOURCE_RATIO = 1.02;
const MAX_WALL_TO_PEER = 0.7;
const PEERS = ['skopeo', 'crane'] as const;

type Client = 'promograph' | (typeof PEERS)[number];

interface Sample extends Cost {
  readonly sourceRatio: number;
  readonly arrived: number;
}

const COPY: Readonly<Record<(typeof PEERS)[number], readonly string[]>> = {
  skopeo: ['copy', '-q', '--all', '--preserve-digests', '--src-tls-verify=false', '--dest-tls-verify=false'],
  crane: ['copy', '--insecure'],
};
const SCHEME: Readonly<Record<(typeof PEERS)[number], string>> = { skopeo: 'docker://', crane: '' };

const rounds = roundsOr(3);
const counts = process.argv.slice(2).map(Number);
const clients: readonly Client[] = ['promograph', ...PEERS.filter((peer) => findPeer(peer) !== null)];
const built = await buildProgram();
const source = await startFanoutSource(SHAPE);
try {
  for (const count of counts.length > 0 ? counts : [1, 4, 8]) await measure(count);
} finally {
  await source.registry.close();
  built.remove();
}

async function measure(count: number): Promise<void> {
  const samples = new Map<Client, Sample[]>(clients.map((client) => [client, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Turned by one each round, so that no client is always the first on warm or cold disks.
    const order = clients.map((_, index) => clients[(index + round) % clients.length] ?? 'promograph');
    for (const client of order) samples.get(client)?.push(await copyOnce(client, count));
  }
  report(count, samples);
}

async function copyOnce(client: Client, count: number): Promise<Sample> {
  const destinations = await startDestinations(count);
  const work = mkdtempSync(join(tmpdir(), 'promograph-fanout-'));
  try {
    const call = client === 'promograph' ? ownCall(work, destinations) : peerCall(client, work, destinations);
    source.registry.clearRequests();
    const cost = await runMeasured(call);
    const sourceRatio = source.registry.counts.bytesOut / source.blobBytes;
    return { ...cost, sourceRatio, arrived: await countArrived(source, destinations) };
  } finally {
    await Promise.all(destinations.map((destination) => destination.close()));
    rmSync(work, { recursive: true, force: true });
  }
}

function ownCall(work: string, destinations: readonly PeerRegistry[]): MeasuredCall {
  writeFanoutTree(work, source, destinations);
  const args = [built.path, 'promote', '--manifests', work, '--confirm', '--output', 'json'];
  return { command: process.execPath, args, env: { HOME: work, XDG_STATE_HOME: join(work, 'state') } };
}

/** One process per image and destination, as their users script it, a few at a time. */
function peerCall(peer: (typeof PEERS)[number], work: string, destinations: readonly PeerRegistry[]): MeasuredCall {
  const program = pathOf(peer);
  const pairs = destinations.flatMap(({ host }) =>
    source.images.flatMap(({ name }) => [
      `${SCHEME[peer]}${source.registry.host}/${SOURCE_PATH}/${name}:${TAG}`,
      `${SCHEME[peer]}${host}/${DESTINATION_PATH}/${name}:${TAG}`,
    ]),
  );
  const copy = [program, ...COPY[peer]].join(' ');
  const script = `printf '%s\\n' "$@" | xargs -P ${PEER_COPIES} -n 2 ${copy}`;
  return { command: 'sh', args: ['-c', script, 'copy', ...pairs], env: { HOME: work, XDG_RUNTIME_DIR: work } };
}

function pathOf(peer: PeerProgram): string {
  const path = findPeer(peer);
  if (path === null) throw new Error(`${peer} is missing`);
  return path;
}

function report(count: number, samples: ReadonlyMap<Client, readonly Sample[]>): void {
  const costs = new Map([...samples].map(([client, taken]) => [client, medianCost(taken)]));
  const own = costs.get('promograph');
  if (own === undefined) throw new Error('nothing was measured');
  const peers = PEERS.flatMap((peer) => costs.get(peer) ?? []);
  const bestPeerMs = Math.min(...peers.map(({ wallMs }) => wallMs));
  const sourceRatios = new Map(
    [...samples].map(([client, taken]) => [client, taken.map((sample) => sample.sourceRatio)]),
  );
  const worstSource = Math.max(...(sourceRatios.get('promograph') ?? []));
  const skopeo = costs.get('skopeo');
  const wanted = SHAPE.images * count;
  const missing = [...samples].flatMap(([client, taken]) =>
    taken
      .filter(({ arrived }) => arrived !== wanted)
      .map(({ arrived }) => `${client}: ${arrived} of ${wanted} tags arrived`),
  );
  const tooMuch = worstSource <= MAX_SOURCE_RATIO ? [] : [`the source was read ${worstSource.toFixed(2)} times`];
  printLine({
    benchmark: 'copy-fanout',
    case: `${count} destinations`,
    ratios: {
      sourceReads: worstSource,
      ...(peers.length === 0 ? {} : { wallToBestPeer: own.wallMs / bestPeerMs }),
      ...(count === 8 && peers.length > 0 ? { wallToAim: own.wallMs / bestPeerMs / MAX_WALL_TO_PEER } : {}),
      ...(skopeo === undefined ? {} : { cpuToSkopeo: own.cpuMs / skopeo.cpuMs }),
    },
    counts: { tags: wanted },
    measured: Object.fromEntries(
      [...costs].flatMap(([client, { wallMs, cpuMs, rssMb }]) => [
        [`${client} wallMs`, wallMs],
        [`${client} cpuMs`, cpuMs],
        [`${client} rssMb`, rssMb],
        [`${client} sourceReads`, median(sourceRatios.get(client) ?? [])],
      ]),
    ),
    broken: [...missing, ...tooMuch],
    notes: PEERS.filter((peer) => !clients.includes(peer)).map((peer) => `${peer} is not installed`),
  });
}
