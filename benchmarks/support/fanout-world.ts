// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, pushImage, type RunningRegistry, startRegistry } from '@promograph/devstack';
import { type PeerRegistry, startPeerRegistry } from '../../e2e/support/peer-registry.ts';

/** Images to be copied: each of `layers` layers, the first of which all of them share. */
export interface FanoutShape {
  readonly images: number;
  readonly layers: number;
  readonly layerBytes: number;
}

/** A pushed image. */
export interface SourceImage {
  readonly name: string;
  readonly digest: string;
}

/** A source that counts what it gives away. */
export interface FanoutSource {
  readonly registry: RunningRegistry;
  readonly images: readonly SourceImage[];
  /** Bytes of every distinct blob. */
  readonly blobBytes: number;
}

/** The repository path of the images at source and destinations, without the image's name. */
export const SOURCE_PATH = 'staging';
export const DESTINATION_PATH = 'prod';
export const TAG = 'v1';

/** Starts a source in this process, with random bytes in every layer. */
export async function startFanoutSource(shape: FanoutShape): Promise<FanoutSource> {
  const registry = await startRegistry({ recordRequests: false });
  const images: SourceImage[] = [];
  const blobs = new Map<string, number>();
  for (let index = 0; index < shape.images; index += 1) {
    const layers = Array.from({ length: shape.layers }, (_, layer) => {
      return { sizeBytes: shape.layerBytes, seed: layer === 0 ? 'shared' : `${index} ${layer}` };
    });
    const image = buildImage({ layers });
    const name = `image-${index}`;
    await pushImage({ url: registry.url, repository: `${SOURCE_PATH}/${name}`, image, tags: [TAG] });
    for (const { digest, bytes } of image.blobs) blobs.set(digest, bytes.length);
    images.push({ name, digest: image.manifest.digest });
  }
  return { registry, images, blobBytes: [...blobs.values()].reduce((sum, size) => sum + size, 0) };
}

/** Starts empty registries of another project, a process each. */
export function startDestinations(count: number): Promise<PeerRegistry[]> {
  return Promise.all(Array.from({ length: count }, () => startPeerRegistry('docker-registry')));
}

/** Writes the tree that promotes all images to all destinations. */
export function writeFanoutTree(dir: string, source: FanoutSource, destinations: readonly PeerRegistry[]): void {
  mkdirSync(join(dir, 'manifests/fanout'), { recursive: true });
  mkdirSync(join(dir, 'images/fanout'), { recursive: true });
  const registries = destinations.map(({ host }) => `- name: ${host}/${DESTINATION_PATH}\n`).join('');
  const manifest = `registries:\n- name: ${source.registry.host}/${SOURCE_PATH}\n  src: true\n${registries}`;
  const images = source.images.map(({ name, digest }) => `- name: ${name}\n  dmap:\n    "${digest}": ["${TAG}"]\n`);
  writeFileSync(join(dir, 'manifests/fanout/promoter-manifest.yaml'), manifest);
  writeFileSync(join(dir, 'images/fanout/images.yaml'), images.join(''));
}

/** How many of the promised tags resolve to the promised digest. */
export async function countArrived(source: FanoutSource, destinations: readonly PeerRegistry[]): Promise<number> {
  let arrived = 0;
  for (const { url } of destinations) {
    for (const { name, digest } of source.images) {
      const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' };
      const answer = await fetch(`${url}/v2/${DESTINATION_PATH}/${name}/manifests/${TAG}`, { method: 'HEAD', headers });
      if (answer.headers.get('docker-content-digest') === digest) arrived += 1;
    }
  }
  return arrived;
}
