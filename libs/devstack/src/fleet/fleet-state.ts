// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { isDigest } from '@promograph/oci';
import type { TreeProject } from './read-tree.ts';

/** A repository of a stand-in: digest by tag, and all digests. */
export interface FleetRepository {
  readonly tags: Map<string, string>;
  readonly digests: Set<string>;
}

/** Everything that the stand-ins of a tree hold. Keys are `host/path`. */
export interface FleetState {
  readonly repositories: ReadonlyMap<string, FleetRepository>;
  /** Distinct edges of the tree: digest, destination repository, tag or none. */
  readonly edges: number;
  /** How many of them the destinations hold. */
  readonly present: number;
  readonly sources: number;
  readonly destinations: number;
}

interface Edge {
  readonly destination: string;
  readonly digest: string;
  readonly tag: string | null;
}

/**
 * Fills sources with every digest under its tags, destinations with the share `promoted` (0 to 1) of their edges. Which
 * ones depends on each edge alone, so that trees compare. Entries whose digest is none have no edges.
 */
export function fleetState(projects: readonly TreeProject[], promoted: number): FleetState {
  const repositories = new Map<string, FleetRepository>();
  const sources = new Set<string>();
  const edges = new Map<string, Edge>();
  for (const { source, destinations, images } of projects) {
    for (const { name, digests } of images) {
      for (const { digest, tags } of digests.filter((each) => isDigest(each.digest))) {
        sources.add(`${source}/${name}`);
        hold(repositories, `${source}/${name}`, { digest, tags });
        for (const registry of destinations) addEdges(edges, { destination: `${registry}/${name}`, digest, tags });
      }
    }
  }
  for (const { destination } of edges.values()) hold(repositories, destination, null);
  for (const [key, { destination, digest, tag }] of edges) {
    if (isChosen(key, promoted)) hold(repositories, destination, { digest, tags: tag === null ? [] : [tag] });
  }
  return {
    repositories,
    edges: edges.size,
    present: countPresent(repositories, edges.values()),
    sources: sources.size,
    destinations: new Set(Array.from(edges.values(), ({ destination }) => destination)).size,
  };
}

function addEdges(
  edges: Map<string, Edge>,
  entry: { destination: string; digest: string; tags: readonly string[] },
): void {
  const { destination, digest, tags } = entry;
  for (const tag of tags.length === 0 ? [null] : tags) {
    edges.set(`${destination}:${tag ?? ''}@${digest}`, { destination, digest, tag });
  }
}

function hold(
  repositories: Map<string, FleetRepository>,
  name: string,
  content: { digest: string; tags: readonly string[] } | null,
): void {
  const repository = repositories.get(name) ?? { tags: new Map(), digests: new Set() };
  repositories.set(name, repository);
  if (content === null) return;
  repository.digests.add(content.digest);
  for (const tag of content.tags) repository.tags.set(tag, content.digest);
}

/** The first 32 bits of the key's hash as a fraction of 1. */
function isChosen(key: string, share: number): boolean {
  return createHash('sha256').update(key).digest().readUInt32BE(0) < share * 2 ** 32;
}

/** Counted from what is held, not from what was chosen: two digests may want one tag, and the later one has it. */
function countPresent(repositories: ReadonlyMap<string, FleetRepository>, edges: Iterable<Edge>): number {
  let present = 0;
  for (const { destination, digest, tag } of edges) {
    const repository = repositories.get(destination);
    const isThere = tag === null ? repository?.digests.has(digest) : repository?.tags.get(tag) === digest;
    if (isThere === true) present += 1;
  }
  return present;
}
