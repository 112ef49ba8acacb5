// SPDX-License-Identifier: Apache-2.0
import type { ImageEntry, Position, Project } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';
import { comparePositions, compareTags, sortEdges } from './edge-order.ts';
import type { PromotionEdge } from './edge.ts';
import { compareText } from './text-order.ts';

/** What one image wants at every destination: a digest under a tag or under none. */
interface Want {
  readonly digest: Digest;
  readonly tag: string | null;
  readonly at: Position;
}

/**
 * Every edge of `projects`, in order and each once, whatever the order of projects, images, digests, tags and registries
 * was. An edge stands where its tag stands (its digest, when it has no tag). A project's source is never a destination.
 */
export function edgesOf(projects: readonly Project[]): readonly PromotionEdge[] {
  const edges: PromotionEdge[] = [];
  for (const project of projects.toSorted((left, right) => compareText(left.name, right.name))) {
    for (const [name, entries] of [...imagesByName(project.images)].toSorted(byKey)) {
      appendImage(edges, project, { name, entries });
    }
  }
  return sortEdges(edges);
}

/** Appends the edges of one image in their final order, so that a million edges need no sort of their own. */
function appendImage(
  edges: PromotionEdge[],
  project: Project,
  image: { readonly name: string; readonly entries: readonly ImageEntry[] },
): void {
  const source = `${project.source.name}/${image.name}`;
  const destinations = destinationsOf(project, image.name);
  const wants = wantsOf(image.entries);
  for (let start = 0, end = 0; start < wants.length; start = end) {
    const digest = wants[start]?.digest;
    if (digest === undefined) return;
    while (end < wants.length && wants[end]?.digest === digest) end += 1;
    for (const destination of destinations) {
      for (let index = start; index < end; index += 1) {
        const want = wants[index];
        if (want === undefined) continue;
        edges.push({ project: project.name, source, destination, digest, tag: want.tag, at: want.at });
      }
    }
  }
}

function imagesByName(images: readonly ImageEntry[]): ReadonlyMap<string, readonly ImageEntry[]> {
  const byName = new Map<string, ImageEntry[]>();
  for (const image of images) {
    const entries = byName.get(image.name);
    if (entries === undefined) byName.set(image.name, [image]);
    else entries.push(image);
  }
  return byName;
}

function destinationsOf(project: Project, imageName: string): readonly string[] {
  const names = new Set<string>();
  for (const registry of project.destinations) {
    if (!registry.isSource && registry.name !== project.source.name) names.add(`${registry.name}/${imageName}`);
  }
  return [...names].toSorted(compareText);
}

/** The wants of all entries of one image name, by digest and tag, each once with its first place in the files. */
function wantsOf(entries: readonly ImageEntry[]): readonly Want[] {
  const wants: Want[] = [];
  for (const entry of entries) {
    for (const { digest, tags, at } of entry.digests) {
      if (tags.length === 0) wants.push({ digest, tag: null, at });
      for (const tag of tags) wants.push({ digest, tag: tag.tag, at: tag.at });
    }
  }
  wants.sort(compareWants);
  return wants.filter((want, index) => {
    const previous = wants[index - 1];
    return previous === undefined || previous.digest !== want.digest || previous.tag !== want.tag;
  });
}

function compareWants(left: Want, right: Want): number {
  return (
    compareText(left.digest, right.digest) || compareTags(left.tag, right.tag) || comparePositions(left.at, right.at)
  );
}

function byKey(left: readonly [string, unknown], right: readonly [string, unknown]): number {
  return compareText(left[0], right[0]);
}
