// SPDX-License-Identifier: Apache-2.0
import { type Digest, type ManifestDocument, type Repository, digestOf, parseManifestDocument } from '@promograph/oci';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, copySetup } from '../test/support/copy-setup.ts';
import { putImage, putIndex } from '../test/support/fake-images.ts';
import type { FakeCall, FakeRegistries, FakeRepository } from '../test/support/fake-registry-client.ts';
import { inPieces } from '../test/support/fake-registry-client.ts';
import { RegistryError } from './registry-error.ts';

const source = at('source.example', 'app');
const HOSTS = ['a.example', 'b.example', 'c.example', 'source.example'];

/** What is copied: images of layers out of a small set, so that they share some, below indexes of indexes. */
interface Scene {
  readonly images: readonly (readonly number[])[];
  readonly nesting: number;
  readonly destinations: readonly { readonly host: number; readonly path: number }[];
  readonly seed: number;
  /** Of 100 calls, how many fail. */
  readonly faultPercent: number;
  /** The only host that fails, or -1: all of them do. */
  readonly faultHost: number;
  readonly corruptPercent: number;
  readonly slowHost: number;
  readonly isMounting: boolean;
  readonly ownMount: boolean;
}

const scenes: fc.Arbitrary<Scene> = fc.record({
  images: fc.array(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 4 }), { minLength: 1, maxLength: 5 }),
  nesting: fc.integer({ min: 0, max: 2 }),
  destinations: fc.array(fc.record({ host: fc.nat({ max: 3 }), path: fc.nat({ max: 2 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  faultPercent: fc.constantFrom(0, 5, 30),
  faultHost: fc.integer({ min: -1, max: 2 }),
  corruptPercent: fc.constantFrom(0, 10),
  slowHost: fc.integer({ min: -1, max: 3 }),
  isMounting: fc.boolean(),
  ownMount: fc.boolean(),
});

/** Layers of all sizes: none, one piece, more than a window, more than the streams hold. */
const SIZES = [0, 1, 500, 8000, 8001, 100_000, 300_000, 700_000];

function build(registries: FakeRegistries, scene: Scene): ManifestDocument[] {
  const images = scene.images.map((layers) =>
    putImage(registries, source, Object.fromEntries(layers.map((layer) => [`layer ${layer}`, SIZES[layer] ?? 0]))),
  );
  let roots: ManifestDocument[] = images;
  for (let level = 0; level < scene.nesting; level += 1) roots = [putIndex(registries, source, roots)];
  return roots;
}

/** Uniform numbers from a seed (mulberry32), so that a failing scene fails again. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function disturb(registries: FakeRegistries, scene: Scene): void {
  const random = randomOf(scene.seed);
  const isBad = (percent: number): boolean => random() * 100 < percent;
  const mayFail = ({ host }: FakeCall): boolean => scene.faultHost < 0 || host === HOSTS[scene.faultHost];
  const fail = (call: FakeCall): void => {
    if (call.method === 'getManifest' || !mayFail(call) || !isBad(scene.faultPercent)) return;
    const codes = ['REGISTRY_UNAVAILABLE', 'REGISTRY_QUOTA', 'REGISTRY_REFUSED', 'REGISTRY_UNREACHABLE'] as const;
    const code = codes[Math.floor(random() * codes.length)] ?? 'REGISTRY_REFUSED';
    throw new RegistryError(code, 'by chance', { retryable: /UNAVAILABLE|UNREACHABLE/.test(code) });
  };
  registries.faults = {
    before: fail,
    after: fail,
    onReceived: async (call, received) => {
      if (call.host === HOSTS[scene.slowHost] && received > 1000)
        await new Promise((resolve) => setTimeout(resolve, 2));
      if (mayFail(call) && isBad(scene.faultPercent / 30)) {
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      }
    },
    source: (_, bytes) => {
      if (bytes.length === 0 || !isBad(scene.corruptPercent)) return inPieces(bytes);
      const wrong = Buffer.from(bytes);
      const place = Math.floor(random() * wrong.length);
      wrong[place] = (wrong[place] ?? 0) ^ 1;
      return inPieces(wrong);
    },
  };
}

/** I1 and I2: whatever a repository shows is complete and has the bytes that its digest says. */
function expectConsistent(name: string, { blobs, manifests }: FakeRepository): void {
  for (const [digest, bytes] of blobs) expect(digestOf(bytes), `${name} blob`).toBe(digest);
  for (const [digest, { bytes, mediaType }] of manifests) {
    const document = parseManifestDocument(bytes, mediaType);
    expect(document.digest, `${name} manifest`).toBe(digest);
    for (const blob of document.blobs)
      expect(blobs.has(blob.digest), `${name}: ${blob.digest} below ${digest}`).toBe(true);
    for (const child of document.children)
      expect(manifests.has(child.digest), `${name}: child of ${digest}`).toBe(true);
  }
}

function uniqueDestinations(scene: Scene): Repository[] {
  return scene.destinations.map(({ host, path }) => at(HOSTS[host] ?? 'a.example', `prod/${path}`));
}

describe('properties of every copy, on registries that take anything', () => {
  it('nothing incomplete, nothing wrong, no tag moved, every failure at its destination, one read each without faults', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        const { engine, registries } = copySetup({
          windowBytes: 16_000,
          laggardPolicy: { blockedMs: 4, share: 0.25 },
          random: randomOf(scene.seed),
          ownMount: () => scene.ownMount,
        });
        for (const host of HOSTS) registries.hosts.set(host, { isPermissive: true, isMounting: scene.isMounting });
        const roots = build(registries, scene);
        const destinations = uniqueDestinations(scene);
        const elsewhere = digestOf('a digest that a tag has already');
        for (const destination of destinations) {
          registries.repository(destination).tags.set('taken', elsewhere);
        }
        disturb(registries, scene);

        const copies = await Promise.all(
          roots.map((root) => engine.copy({ source, digest: root.digest, destinations })),
        );

        for (const destination of destinations) {
          const repository = registries.repository(destination);
          expectConsistent(destination.host, repository);
          expect([...repository.tags]).toEqual([['taken', elsewhere]]);
        }
        for (const [index, outcomes] of copies.entries()) {
          const root = roots[index];
          for (const { destination, status } of outcomes) {
            const isThere = registries.repository(destination).manifests.has(root?.digest as Digest);
            if (status !== 'failed') expect(isThere).toBe(true);
          }
        }
        if (scene.corruptPercent > 0) return;
        const isQuiet = scene.faultPercent === 0;
        for (const { destination, error } of copies.flat()) {
          if (isQuiet || (scene.faultHost >= 0 && destination.host !== HOSTS[scene.faultHost]))
            expect(error).toBeNull();
        }
        if (isQuiet) {
          const reads = registries.matching('openBlob').map(({ reference }) => reference);
          if (scene.isMounting) expect(new Set(reads).size).toBe(reads.length);
        }
      }),
      { numRuns: 80, seed: 20_220_131 },
    );
  });

  it('at most two reads each where nothing can be mounted, and no fault comes between', async () => {
    // The first read may have begun before anybody else wanted the blob; the next one is kept.
    await fc.assert(
      fc.asyncProperty(fc.array(scenes, { minLength: 2, maxLength: 4 }), async (parts) => {
        const { engine, registries } = copySetup({ windowBytes: 16_000 });
        for (const host of HOSTS) registries.hosts.set(host, { isMounting: false });

        const copies = await Promise.all(
          parts.flatMap((scene) => {
            const destinations = uniqueDestinations(scene);
            return build(registries, scene).map(({ digest }) => engine.copy({ source, digest, destinations }));
          }),
        );

        expect(copies.flat().filter(({ status }) => status === 'failed')).toEqual([]);
        const reads = registries.matching('openBlob').map(({ reference }) => reference);
        for (const same of Map.groupBy(reads, (digest) => digest).values()) expect(same.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 40, seed: 20_220_131 },
    );
  });
});
