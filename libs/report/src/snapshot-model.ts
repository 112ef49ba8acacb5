// SPDX-License-Identifier: Apache-2.0
import { compareText, type PromotionEdge } from '@promograph/plan';

/** A digest of an image with its tags; no tags is a digest that only stands by itself. */
export interface SnapshotDigest {
  readonly digest: string;
  readonly tags: readonly string[];
}

/** An image, named relative to the registry that was looked at. */
export interface SnapshotImage {
  readonly name: string;
  readonly digests: readonly SnapshotDigest[];
}

/** What a registry holds, or what manifests would put there. */
export interface SnapshotModel {
  readonly images: readonly SnapshotImage[];
}

/** The same content in the one order that snapshots have: names, digests and tags by code unit, each once. */
export function sortSnapshot(model: SnapshotModel): SnapshotModel {
  const byName = new Map<string, Map<string, Set<string>>>();
  for (const image of model.images) {
    const digests = byName.get(image.name) ?? new Map<string, Set<string>>();
    byName.set(image.name, digests);
    for (const { digest, tags } of image.digests)
      digests.set(digest, new Set([...(digests.get(digest) ?? []), ...tags]));
  }
  return {
    images: byKey(byName).map(([name, digests]) => ({
      name,
      digests: byKey(digests).map(([digest, tags]) => ({ digest, tags: [...tags].toSorted(compareText) })),
    })),
  };
}

/** Only digests that have `tag`, with all of their tags; images without one are dropped. */
export function filterByTag(model: SnapshotModel, tag: string): SnapshotModel {
  return filterDigests(model, (_, { tags }) => tags.includes(tag));
}

/** Without the digests that have no tag and are a child of an index; `children` is by image name, read by the caller. */
export function minimalSnapshot(
  model: SnapshotModel,
  children: ReadonlyMap<string, ReadonlySet<string>>,
): SnapshotModel {
  return filterDigests(
    model,
    (name, { digest, tags }) => tags.length > 0 || !(children.get(name)?.has(digest) ?? false),
  );
}

/**
 * What `edges` would put into `registry` (`host` or `host/path`): the images below it, up to a `/`, so `…/images` does
 * not match `…/images2`. A tag and no tag of the same digest meet in one entry that has the tag.
 */
export function wantedSnapshot(edges: Iterable<PromotionEdge>, registry: string): SnapshotModel {
  const prefix = `${registry.replace(/\/+$/, '')}/`;
  const images: SnapshotImage[] = [];
  for (const { destination, digest, tag } of edges) {
    if (!destination.startsWith(prefix)) continue;
    const digests = [{ digest, tags: tag === null ? [] : [tag] }];
    images.push({ name: destination.slice(prefix.length), digests });
  }
  return sortSnapshot({ images });
}

function filterDigests(model: SnapshotModel, keep: (name: string, digest: SnapshotDigest) => boolean): SnapshotModel {
  const images = model.images.map(({ name, digests }) => ({
    name,
    digests: digests.filter((digest) => keep(name, digest)),
  }));
  return { images: images.filter(({ digests }) => digests.length > 0) };
}

function byKey<Value>(map: ReadonlyMap<string, Value>): (readonly [string, Value])[] {
  return [...map].toSorted((left, right) => compareText(left[0], right[0]));
}
