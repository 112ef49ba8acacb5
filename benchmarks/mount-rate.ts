// SPDX-License-Identifier: Apache-2.0
// Images promoted from one repository to another of the same registry of another project: every blob is mounted. Requests
// and time of each image, in turn with skopeo. Usage: node benchmarks/mount-rate.ts
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage, pushImage } from '@promograph/devstack';
import { openSession } from '@promograph/promoter';
import { findPeer } from '../e2e/support/peer-programs.ts';
import { startPeerRegistry } from '../e2e/support/peer-registry.ts';
import { median, printLine } from './support/benchmark-line.ts';
import { runMeasured } from './support/measured-process.ts';
import { roundsOr } from './support/rounds.ts';

const IMAGES = 20;
const LAYERS = 5;
const LAYER_BYTES = 200_000;
/**
 * Plan: tag and digest at the destination, digest at the source. Copy: the manifest read, a look for it, five layers and a
 * config mounted, it written and read back. Tag: looked at, written, read back. Once for the host, an upload begun and ended.
 */
const MAX_REQUESTS_PER_IMAGE = 3 + 4 + 6 + 3 + 3 / IMAGES;
const PEER_COPIES = 4;

interface Sample {
  readonly msPerImage: number;
  readonly requestsPerImage: number;
  readonly mounted: number;
  readonly copied: number;
}

const rounds = roundsOr(3);
const skopeo = findPeer('skopeo');
const work = mkdtempSync(join(tmpdir(), 'promograph-mount-'));
const registry = await startPeerRegistry('docker-registry');
try {
  const digests = await pushImages();
  const own: Sample[] = [];
  const peer: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    own.push(await promote(round, digests));
    if (skopeo !== null) peer.push(await copyWith(skopeo, round));
  }
  report(own, peer);
} finally {
  await registry.close();
  rmSync(work, { recursive: true, force: true });
}

async function pushImages(): Promise<string[]> {
  const digests: string[] = [];
  for (let index = 0; index < IMAGES; index += 1) {
    const layers = Array.from({ length: LAYERS }, (_, layer) => ({
      sizeBytes: LAYER_BYTES,
      seed: `${index} ${layer}`,
    }));
    const image = buildImage({ layers });
    await pushImage({ url: registry.url, repository: `staging/image-${index}`, image, tags: ['v1'] });
    digests.push(image.manifest.digest);
  }
  return digests;
}

/** Each round has destinations of its own, where nothing is yet. */
async function promote(round: number, digests: readonly string[]): Promise<Sample> {
  const treeDir = join(work, `tree-${round}`);
  mkdirSync(join(treeDir, 'manifests/mount'), { recursive: true });
  mkdirSync(join(treeDir, 'images/mount'), { recursive: true });
  const manifest = `registries:\n- name: ${registry.host}/staging\n  src: true\n- name: ${registry.host}/prod-${round}\n`;
  const images = digests.map((digest, index) => `- name: image-${index}\n  dmap:\n    "${digest}": ["v1"]\n`);
  writeFileSync(join(treeDir, 'manifests/mount/promoter-manifest.yaml'), manifest);
  writeFileSync(join(treeDir, 'images/mount/images.yaml'), images.join(''));
  const config = `apiVersion: promograph/v1\nregistries:\n  "${registry.host}":\n    listing: oci\n`;
  writeFileSync(join(treeDir, 'promograph.yaml'), config);
  let requests = 0;
  const onEvent = (event: { readonly type: string }): void => void (requests += event.type === 'request' ? 1 : 0);
  const session = await openSession({ cwd: work, treeDir, homeDir: work, env: {}, onEvent });
  try {
    const start = performance.now();
    const { receipts } = await session.promote(undefined, { confirm: true });
    const msPerImage = (performance.now() - start) / IMAGES;
    const mounted = receipts.reduce((sum, { summary }) => sum + summary.mountedBytes, 0);
    const copied = receipts.reduce((sum, { summary }) => sum + summary.copiedBytes, 0);
    return { msPerImage, requestsPerImage: requests / IMAGES, mounted, copied };
  } finally {
    await session.close();
  }
}

async function copyWith(program: string, round: number): Promise<number> {
  const pairs = Array.from({ length: IMAGES }, (_, index) => [
    `docker://${registry.host}/staging/image-${index}:v1`,
    `docker://${registry.host}/peer-${round}/image-${index}:v1`,
  ]).flat();
  const copy = `${program} copy -q --all --preserve-digests --src-tls-verify=false --dest-tls-verify=false`;
  const args = ['-c', `printf '%s\\n' "$@" | xargs -P ${PEER_COPIES} -n 2 ${copy}`, 'copy', ...pairs];
  const { wallMs } = await runMeasured({ command: 'sh', args, env: { HOME: work, XDG_RUNTIME_DIR: work } });
  return wallMs / IMAGES;
}

function report(own: readonly Sample[], peer: readonly number[]): void {
  const msPerImage = median(own.map((sample) => sample.msPerImage));
  const requestsPerImage = Math.max(...own.map((sample) => sample.requestsPerImage));
  const copied = Math.max(...own.map((sample) => sample.copied));
  const least = Math.min(...own.map((sample) => sample.mounted));
  printLine({
    benchmark: 'mount-rate',
    case: 'one registry',
    ratios: peer.length === 0 ? {} : { wallToSkopeo: msPerImage / median(peer) },
    counts: { images: IMAGES, requestsPerImage, copiedBytes: copied },
    measured: { msPerImage, ...(peer.length === 0 ? {} : { skopeoMsPerImage: median(peer) }) },
    broken: [
      ...(copied === 0 && least >= IMAGES * LAYERS * LAYER_BYTES ? [] : [`${copied} bytes were streamed, not mounted`]),
      ...(requestsPerImage <= MAX_REQUESTS_PER_IMAGE ? [] : [`${requestsPerImage} requests for an image`]),
    ],
    notes: peer.length === 0 ? ['skopeo is not installed'] : [],
  });
}
