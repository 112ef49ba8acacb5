// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { Observations, PromotionEdge, RepositoryObservation } from '@promograph/plan';

/**
 * Only what the edges name: their repositories, tags and digests, and the digest that a named tag resolves to. A push of
 * something else to a registry then changes no snapshot, and a plan made from it stays in the cache.
 */
export function stripUnnamed(observations: Observations, edges: readonly PromotionEdge[]): Observations {
  const named = new Map<string, Named>();
  for (const edge of edges) {
    namedOf(named, edge.source).digests.add(edge.digest);
    const destination = namedOf(named, edge.destination);
    destination.digests.add(edge.digest);
    if (edge.tag !== null) destination.tags.add(edge.tag);
  }
  const kept = new Map<string, RepositoryObservation>();
  for (const [repository, names] of named) {
    const observation = observations.get(repository);
    if (observation !== undefined) kept.set(repository, strip(observation, names));
  }
  return kept;
}

interface Named {
  readonly tags: Set<string>;
  readonly digests: Set<Digest>;
}

function namedOf(named: Map<string, Named>, repository: string): Named {
  const existing = named.get(repository);
  if (existing !== undefined) return existing;
  const names: Named = { tags: new Set(), digests: new Set() };
  named.set(repository, names);
  return names;
}

function strip(observation: RepositoryObservation, names: Named): RepositoryObservation {
  const tags = new Map<string, Digest>();
  const digests = new Map<Digest, string>();
  for (const tag of names.tags) {
    const digest = observation.tags.get(tag);
    if (digest !== undefined) tags.set(tag, digest);
  }
  for (const each of [names.digests, tags.values()]) {
    for (const digest of each) {
      const mediaType = observation.digests.get(digest);
      if (mediaType !== undefined) digests.set(digest, mediaType);
    }
  }
  // Whether a repository is missing or holds only other things says nothing about the edges, and hosts differ in telling.
  const isEmpty = tags.size === 0 && digests.size === 0;
  const state = observation.state === 'read' && isEmpty ? 'absent' : observation.state;
  return { ...observation, state, tags, digests };
}
