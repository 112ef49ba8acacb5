// SPDX-License-Identifier: Apache-2.0
import { buildImage, pushImage, startRegistry } from '@promograph/devstack';
import { afterEach, describe, expect, it } from 'vitest';
import { startPeerRegistry } from './support/peer-registry.ts';
import { PromotionLab } from './support/promotion-lab.ts';
import { WatchingProxy } from './support/watching-proxy.ts';

const IMAGES = 4;
const LAYER_BYTES = 300_000;

const DESTINATIONS = {
  'the docker-registry of this Debian': () => startPeerRegistry('docker-registry-system'),
  'a newer docker-registry': () => startPeerRegistry('docker-registry'),
  'the embedded registry': () => startRegistry(),
} as const;

let lab: PromotionLab;
afterEach(async () => {
  await lab.close();
});

interface World {
  readonly source: Awaited<ReturnType<typeof startRegistry>>;
  readonly destination: WatchingProxy;
  /** Digest of the layer that all images share. */
  readonly shared: string;
  /** Distinct blobs of all images. */
  readonly blobs: number;
}

/** Images of a layer of their own and one that all share, a tree that names them, and a destination that keeps a log. */
async function startWorld(start: () => Promise<{ readonly url: string; close(): Promise<void> }>): Promise<World> {
  lab = new PromotionLab();
  const source = lab.keep(await startRegistry());
  const destination = lab.keep(await WatchingProxy.before(lab.keep(await start()).url));
  const dmaps: Record<string, Record<string, readonly string[]>> = {};
  const digests = new Set<string>();
  let shared = '';
  for (let index = 0; index < IMAGES; index += 1) {
    const layers = ['own', 'shared'].map((seed) => ({
      sizeBytes: LAYER_BYTES,
      seed: seed === 'own' ? `own ${index}` : seed,
    }));
    const image = buildImage({ layers });
    await pushImage({ url: source.url, repository: `staging/app-${index}`, image, tags: ['v1'] });
    dmaps[`app-${index}`] = { [image.manifest.digest]: ['v1'] };
    for (const { digest } of image.blobs) digests.add(digest);
    shared = image.blobs.at(-1)?.digest ?? '';
  }
  lab.project('app', [source.host, destination.host], dmaps);
  source.clearRequests();
  return { source, destination, shared, blobs: digests.size };
}

async function promote(): Promise<void> {
  const { exitCode, stdout, stderr } = await lab.run('promote', '--confirm');
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
}

function blobRequests({ destination }: World, method: string): number {
  return destination.requests.filter((request) => request.method === method && request.path.includes('/blobs/')).length;
}

describe.each(Object.entries(DESTINATIONS))('the requests of a copy to %s', (_name, start) => {
  it('are two for each missing blob, since an own mount tells', async () => {
    const world = await startWorld(start);

    await promote();

    // The shared layer is mounted by all images but one; one upload is begun to try whether it may be.
    const mounted = IMAGES - 1;
    expect(blobRequests(world, 'POST')).toBe(world.blobs + mounted + 1);
    expect(blobRequests(world, 'PUT')).toBe(world.blobs);
    expect(blobRequests(world, 'HEAD')).toBe(1);
  });

  it('are three for each missing blob where the configuration does not want that', async () => {
    const world = await startWorld(start);
    lab.write(
      'promograph.yaml',
      `apiVersion: promograph/v1\nregistries:\n  "${world.destination.host}": { ownMount: false }\n`,
    );

    await promote();

    expect(blobRequests(world, 'HEAD')).toBe(world.blobs);
    expect(blobRequests(world, 'PUT')).toBe(world.blobs);
  });

  it('read what the images share once at the source, where nothing can be mounted as well', async () => {
    const world = await startWorld(start);
    const refused = new Set<string>();
    world.destination.hooks = {
      onRequest: (request) => {
        if (!request.path.includes('mount=')) return 'pass';
        refused.add(request.path);
        return 'drop';
      },
    };

    await promote();

    const reads = world.source.requests.filter(({ method, path }) => method === 'GET' && path.includes(world.shared));
    expect(reads).toHaveLength(1);
    expect(refused.size).toBeGreaterThan(0);
    expect(blobRequests(world, 'PUT')).toBe(world.blobs + IMAGES - 1);
  });
});
