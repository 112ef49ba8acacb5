// SPDX-License-Identifier: Apache-2.0
import {
  type BuiltImage,
  type Fault,
  type RegistryRequest,
  type RunningRegistry,
  buildImage,
} from '@promograph/devstack';
import { describe, expect, it } from 'vitest';
import type { DestinationCopy } from '../src/copy-engine.ts';
import type { CopyEngineOptions } from '../src/copy-options.ts';
import { type CopyWorld, copyWorld, everywhere, registries, registry, seed } from './support/copy-world.ts';

const MEBIBYTE = 1024 * 1024;

interface FaultWorld extends CopyWorld {
  readonly source: RunningRegistry;
  readonly mirrors: readonly RunningRegistry[];
  readonly image: BuiltImage;
  /** Digest of the large layer. */
  readonly layer: string;
  copy(onDestination?: (copy: DestinationCopy) => void): Promise<readonly DestinationCopy[]>;
}

/** One image with a layer of `layerBytes` at a source, and three empty registries. */
async function faultWorld(layerBytes: number, options: Partial<CopyEngineOptions> = {}): Promise<FaultWorld> {
  const source = await registry();
  const mirrors = await registries(3, { permissive: true });
  const image = buildImage({ layers: [{ sizeBytes: layerBytes, seed: 'large' }] });
  const from = await seed(source, 'app', image);
  const world = copyWorld(options);
  return {
    ...world,
    source,
    mirrors,
    image,
    layer: image.blobs[1]?.digest ?? '',
    copy: (onDestination = () => undefined) =>
      world.engine.copy({
        source: from,
        digest: image.manifest.digest,
        destinations: everywhere(mirrors, 'app'),
        onDestination,
      }),
  };
}

/** The first `times` requests that `matches` meet the fault. */
function first(times: number, matches: (request: RegistryRequest) => boolean, fault: Fault): typeof hook {
  let left = times;
  const hook = (request: RegistryRequest): Fault | undefined => {
    if (left === 0 || !matches(request)) return undefined;
    left -= 1;
    return fault;
  };
  return hook;
}

function isPutOf(digest: string): (request: RegistryRequest) => boolean {
  return ({ method, query }) => method === 'PUT' && query.get('digest') === digest;
}

function isGetOf(digest: string): (request: RegistryRequest) => boolean {
  return ({ method, path }) => method === 'GET' && path.endsWith(`/blobs/${digest}`);
}

function expectWhole({ source, mirrors }: FaultWorld): void {
  for (const mirror of mirrors) {
    expect(mirror.repositories()).toEqual(source.repositories());
    expect(mirror.mismatches).toEqual([]);
  }
}

function reads({ source, layer }: FaultWorld): number {
  return source.requests.filter(({ method, path }) => method === 'GET' && path.endsWith(layer)).length;
}

describe('faults on the way', () => {
  it('a mirror on a thin line does not hold back the others', async () => {
    const world = await faultWorld(24 * MEBIBYTE, {
      windowBytes: MEBIBYTE,
      laggardPolicy: { blockedMs: 100, share: 0.25 },
    });
    const [slow, ...fast] = world.mirrors;
    slow?.setFault((request) =>
      isPutOf(world.layer)(request) ? { kind: 'throttle', bytesPerSecond: 12 * MEBIBYTE } : undefined,
    );
    const order: string[] = [];

    const copies = await world.copy(({ destination }) => order.push(destination.host));

    expect(copies.map(({ status }) => status)).toEqual(['copied', 'copied', 'copied']);
    expect(new Set(order.slice(0, 2))).toEqual(new Set(fast.map(({ host }) => host)));
    const demoted = world.events.flatMap((event) => (event.type === 'demoted' ? [event.destination.host] : []));
    expect(demoted).toEqual([slow?.host]);
    expect(reads(world)).toBe(1);
    expectWhole(world);
  });

  it('a mirror that dies in the middle of an upload leaves the others alone', async () => {
    const world = await faultWorld(8 * MEBIBYTE, { retry: { attempts: 2, baseMs: 1, capMs: 1 } });
    const [dying] = world.mirrors;
    dying?.setFault((request) => {
      if (!isPutOf(world.layer)(request)) return undefined;
      setTimeout(() => void dying.close(), 1);
      return { kind: 'throttle', bytesPerSecond: MEBIBYTE };
    });

    const copies = await world.copy();

    expect(copies.map(({ status }) => status)).toEqual(['failed', 'copied', 'copied']);
    expect(copies[0]?.error).toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
    expect(reads(world)).toBe(1);
  });

  it.each<[string, Fault]>([
    ['is cut off', { kind: 'cut-upload', bytes: 300_000 }],
    ['has a lost answer', { kind: 'drop-response' }],
    ['is answered by a server error', { kind: 'status', status: 500 }],
    ['is answered by a rate limit', { kind: 'status', status: 429, headers: { 'retry-after': '0' } }],
  ])('an upload that %s is brought to its end', async (what, fault) => {
    const world = await faultWorld(2 * MEBIBYTE);
    const [bad] = world.mirrors;
    bad?.setFault(first(2, isPutOf(world.layer), fault));

    const copies = await world.copy();

    expect(copies.map(({ status, error }) => [status, error])).toEqual([0, 1, 2].map(() => ['copied', null]));
    expectWhole(world);
    const isLost = what === 'has a lost answer';
    const uploads = bad?.requests.filter(({ method, path }) => method === 'PUT' && path.includes('/uploads/')) ?? [];
    // The look finds what a lost answer hid: the layer is not sent again.
    expect(uploads).toHaveLength(isLost ? 2 : 4);
    expect(reads(world)).toBe(isLost ? 1 : 3);
  });

  it.each([413, 507])('status %i ends that destination at once', async (status) => {
    const world = await faultWorld(2 * MEBIBYTE);
    world.mirrors[0]?.setFault(first(9, isPutOf(world.layer), { kind: 'status', status }));

    const copies = await world.copy();

    expect(copies.map(({ status: ended }) => ended)).toEqual(['failed', 'copied', 'copied']);
    expect(copies[0]?.error).toMatchObject({ code: 'REGISTRY_QUOTA', status });
    expect(world.mirrors[0]?.repositories()['app']?.manifests ?? []).toEqual([]);
  });

  it('a source with one wrong byte writes nothing of it anywhere, not even where nobody checks', async () => {
    const world = await faultWorld(2 * MEBIBYTE);
    world.source.setFault((request) =>
      isGetOf(world.layer)(request) ? { kind: 'corrupt-body', atByte: 2 * MEBIBYTE - 1 } : undefined,
    );

    const copies = await world.copy();

    for (const { error, status } of copies) {
      expect(status).toBe('failed');
      expect(error).toMatchObject({ code: 'REGISTRY_DIGEST_MISMATCH' });
    }
    for (const mirror of world.mirrors) {
      const { app } = mirror.repositories();
      expect(app?.manifests ?? []).toEqual([]);
      expect(app?.blobs ?? []).not.toContain(world.layer);
      expect(mirror.mismatches).toEqual([]);
    }
  });

  it.each<[string, Fault]>([
    ['breaks off', { kind: 'truncate-body', bytes: 700_000 }],
    ['sends a wrong byte once', { kind: 'corrupt-body', atByte: 5 }],
    ['stalls', { kind: 'stall-body', bytes: 700_000 }],
    ['resets the connection', { kind: 'reset' }],
  ])('a source that %s is read again', async (_, fault) => {
    const world = await faultWorld(2 * MEBIBYTE);
    world.source.setFault(first(1, isGetOf(world.layer), fault));

    const copies = await world.copy();

    expect(copies.map(({ status, error }) => [status, error])).toEqual([0, 1, 2].map(() => ['copied', null]));
    expect(reads(world)).toBe(2);
    expectWhole(world);
  });

  it('an upload that is cancelled is ended at the registry too', async () => {
    const world = await faultWorld(4 * MEBIBYTE);
    const started = Promise.withResolvers<void>();
    for (const mirror of world.mirrors) {
      mirror.setFault((request) => {
        if (!isPutOf(world.layer)(request)) return undefined;
        started.resolve();
        return { kind: 'throttle', bytesPerSecond: 2 * MEBIBYTE };
      });
    }
    const copying = world.copy();
    await started.promise;

    await world.engine.close();

    const copies = await copying;
    expect(copies.map(({ error }) => error)).toMatchObject([0, 1, 2].map(() => ({ code: 'REGISTRY_CANCELLED' })));
    await expect.poll(() => world.mirrors.map(({ openUploads }) => openUploads)).toEqual([0, 0, 0]);
  });
});
