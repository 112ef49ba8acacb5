// SPDX-License-Identifier: Apache-2.0
// A plan of a million edges, made in memory: edges, wall and memory. Usage: node benchmarks/plan-million.ts [shape]
import type { DigestEntry, ImageEntry, Project, RegistryEntry } from '@promograph/manifest';
import { type Digest, MEDIA_TYPES } from '@promograph/oci';
import {
  edgesOf,
  foreignClaimsByProject,
  type Observations,
  observationRequests,
  planEdges,
  type RepositoryObservation,
  sourcesNeeded,
} from '@promograph/plan';
import { printLine } from './support/benchmark-line.ts';

const MAX_WALL_MS = 20_000;
const MAX_RSS_BYTES = 1_000_000_000;

/** How many of each: their product times two tags is the number of edges. */
interface Shape {
  readonly projects: number;
  readonly destinations: number;
  readonly images: number;
  readonly digests: number;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  regions: { projects: 100, destinations: 20, images: 10, digests: 25 },
  single: { projects: 100, destinations: 1, images: 50, digests: 100 },
};

const name = process.argv[2] ?? 'regions';
const shape = SHAPES[name];
if (shape === undefined) throw new Error(`unknown shape ${name}; one of ${Object.keys(SHAPES).join(', ')}`);
run(name, shape);

function run(label: string, size: Shape): void {
  const projects = Array.from({ length: size.projects }, (_, index) => project(index, size));
  const world = worldOf(projects);
  const inputBytes = process.memoryUsage().rss;
  const start = performance.now();
  const edges = edgesOf(projects);
  const requests = observationRequests(edges).length + sourcesNeeded(edges, world).length;
  const claims = foreignClaimsByProject(edges);
  const plans = planEdges({ edges, observations: world });
  const wallMs = Math.round(performance.now() - start);
  const rssBytes = process.resourceUsage().maxRSS * 1024;
  const lost = plans.reduce((sum, plan) => sum + plan.summary.lost, 0);
  printLine({
    benchmark: 'plan-million',
    case: label,
    ratios: { wallToAim: wallMs / MAX_WALL_MS, rssToAim: rssBytes / MAX_RSS_BYTES },
    counts: { edges: edges.length, repositories: requests, lost, claims: claims.size },
    measured: { wallMs, rssMb: rssBytes / 1e6, inputRssMb: inputBytes / 1e6 },
    broken: edges.length < 1_000_000 ? [`only ${edges.length} edges`] : [],
    notes: [],
  });
}

function project(index: number, size: Shape): Project {
  const file = `images/project-${index}/images.yaml`;
  const images: ImageEntry[] = Array.from({ length: size.images }, (_, image) => ({
    name: `image-${image}`,
    at: { file, line: image, column: 3 },
    digests: Array.from({ length: size.digests }, (__, entry) => digestEntry(file, { index, image, entry })),
  }));
  const name = `project-${index}`;
  return {
    name,
    manifestFile: `manifests/${name}/promoter-manifest.yaml`,
    imagesFile: file,
    manifestSha256: '',
    imagesSha256: '',
    source: registry(`gcr.io/staging-${index}`, true),
    destinations: Array.from({ length: size.destinations }, (_, region) =>
      registry(`region-${region}.example.org/prod/images/${name}`, false),
    ),
    images,
    provenance: null,
  };
}

function digestEntry(file: string, at: { index: number; image: number; entry: number }): DigestEntry {
  const number = (at.index * 1000 + at.image) * 1000 + at.entry;
  // Spread over the whole hex range, so that the order in the file is not the sorted one.
  const hex = Math.imul(number, 0x9e3779b1) >>> 0;
  const digest =
    `sha256:${(hex.toString(16).padStart(8, '0') + number.toString(16).padStart(8, '0')).repeat(4)}` as Digest;
  const position = { file, line: at.entry, column: 5 };
  const tags = [`v1.${at.entry}`, `v1.${at.entry}.0`].map((tag) => ({ tag, at: position }));
  return { digest, tags, at: position };
}

function registry(name: string, isSource: boolean): RegistryEntry {
  return { name, isSource, serviceAccount: null, at: { file: 'promoter-manifest.yaml', line: 2, column: 3 } };
}

/** Three of four tags are promoted; sources hold everything but every 50th digest. */
function worldOf(projects: readonly Project[]): Observations {
  const world = new Map<string, RepositoryObservation>();
  for (const { source, destinations, images } of projects) {
    for (const image of images) {
      const held = image.digests.filter((_, index) => index % 50 !== 0).map((entry) => entry.digest);
      const digests = new Map(held.map((digest) => [digest, MEDIA_TYPES.ociManifest] as const));
      world.set(`${source.name}/${image.name}`, { state: 'read', tags: new Map(), digests });
      for (const destination of destinations) world.set(`${destination.name}/${image.name}`, promoted(image));
    }
  }
  return world;
}

function promoted(image: ImageEntry): RepositoryObservation {
  const entries = image.digests.filter((_, index) => index % 4 !== 0);
  const tags = entries.flatMap((entry) => entry.tags.map(({ tag }) => [tag, entry.digest] as const));
  const digests = new Map(entries.map((entry) => [entry.digest, MEDIA_TYPES.ociManifest] as const));
  return { state: 'read', tags: new Map(tags), digests };
}
