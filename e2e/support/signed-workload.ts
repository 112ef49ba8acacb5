// SPDX-License-Identifier: Apache-2.0
import { buildImage, buildIndex, type BuiltImage, pushImage, type RunningRegistry } from '@promograph/devstack';
import type { Watched } from './evidence-watch.ts';
import { PUBLIC_NAME, type TrustLab } from './trust-lab.ts';

/** How much there is to be signed. */
export interface WorkloadShape {
  /** Indexes of two platforms each: three digests to sign. */
  readonly indexes: number;
  readonly images: number;
  /** Digests that both projects promote, each into a repository of its own. */
  readonly shared: number;
}

/** What two projects promote, and what is signed once it is. */
export interface Workload {
  /** Every (canonical repository, digest) that is signed; `isRoot` for those that get a record too. */
  readonly signed: readonly (Watched & { readonly isRoot: boolean })[];
  /** Every tag of each image, by the last part of its repository. */
  readonly tags: readonly { readonly repository: string; readonly tag: string; readonly image: BuiltImage }[];
  /** Log entries of all: a bundle and a `.sig` each, and a record for each root. */
  readonly entries: number;
}

const small = (seed: string): BuiltImage => buildImage({ layers: [{ sizeBytes: 100, seed }] });

/** Pushes small images to `source` and writes the projects `apps` and `tools`, which promote them to `hosts`. */
export async function seedWorkload(
  lab: TrustLab,
  { source, hosts }: { readonly source: RunningRegistry; readonly hosts: readonly string[] },
  shape: WorkloadShape,
): Promise<Workload> {
  const many = (count: number, build: (number: number) => BuiltImage): readonly BuiltImage[] =>
    Array.from({ length: count }, (_, number) => build(number));
  const indexes = many(shape.indexes, (number) =>
    buildIndex({ images: [small(`${number} amd64`), small(`${number} arm64`)] }),
  );
  const images = many(shape.images, (number) => small(`image ${number}`));
  const shared = many(shape.shared, (number) => small(`shared ${number}`));
  const repositories = { index: indexes, app: [...images, ...shared], tool: shared };
  const signed: Workload['signed'][number][] = [];
  const tags: Workload['tags'][number][] = [];
  for (const [name, found] of Object.entries(repositories)) {
    for (const image of found) {
      await pushImage({ url: source.url, repository: `staging/${name}`, image });
      for (const tag of tagsOf(found.indexOf(image))) tags.push({ repository: name, tag, image });
      const place = { repository: `${hosts[0] ?? ''}/prod/${name}`, reference: `${PUBLIC_NAME}/${name}` };
      signed.push({ ...place, digest: image.manifest.digest, isRoot: true });
      for (const { manifest } of image.children) signed.push({ ...place, digest: manifest.digest, isRoot: false });
    }
  }
  const registries = [source.host, ...hosts];
  lab.project('apps', registries, { index: tagged(indexes), app: tagged(repositories.app) });
  lab.project('tools', registries, { tool: tagged(shared) });
  return { signed, tags, entries: signed.reduce((sum, { isRoot }) => sum + (isRoot ? 3 : 2), 0) };
}

function tagged(images: readonly BuiltImage[]): Record<string, readonly string[]> {
  return Object.fromEntries(images.map(({ manifest }, number) => [manifest.digest, tagsOf(number)]));
}

/** Every third is without a tag. */
function tagsOf(number: number): readonly string[] {
  return number % 3 === 2 ? [] : [`v${number}`];
}
