// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import { actionAtDestination } from './edge-action.ts';
import type { PromotionEdge } from './edge.ts';
import type { ForeignClaim, Observations } from './observation.ts';
import { overlapsOf } from './overlap.ts';
import { compareText } from './text-order.ts';

/** What has to be read of one repository, printed `host/path`: the tags and digests that edges name, sorted. */
export interface RepositoryRequest {
  readonly repository: string;
  readonly tags: readonly string[];
  readonly digests: readonly Digest[];
}

/** What to read of every destination repository of `edges`, by repository. */
export function observationRequests(edges: readonly PromotionEdge[]): readonly RepositoryRequest[] {
  const requests = new Map<string, Names>();
  for (const edge of edges) {
    const names = namesOf(requests, edge.destination);
    names.digests.add(edge.digest);
    if (edge.tag !== null) names.tags.add(edge.tag);
  }
  return sortedRequests(requests);
}

/**
 * What to read of the sources once the destinations were read: only digests that some edge still has to copy, so a
 * source of which everything was promoted is not asked at all. Sources are asked for digests, never for tags.
 */
export function sourcesNeeded(
  edges: readonly PromotionEdge[],
  destinations: Observations,
  claims: readonly ForeignClaim[] = [],
): readonly RepositoryRequest[] {
  const context = { observations: destinations, overlaps: overlapsOf(edges, claims) };
  const requests = new Map<string, Names>();
  for (const edge of edges) {
    if (actionAtDestination(edge, context) === null) namesOf(requests, edge.source).digests.add(edge.digest);
  }
  return sortedRequests(requests);
}

interface Names {
  readonly tags: Set<string>;
  readonly digests: Set<Digest>;
}

function namesOf(requests: Map<string, Names>, repository: string): Names {
  const existing = requests.get(repository);
  if (existing !== undefined) return existing;
  const names: Names = { tags: new Set(), digests: new Set() };
  requests.set(repository, names);
  return names;
}

function sortedRequests(requests: ReadonlyMap<string, Names>): readonly RepositoryRequest[] {
  return [...requests]
    .toSorted((left, right) => compareText(left[0], right[0]))
    .map(([repository, names]) => ({
      repository,
      tags: [...names.tags].toSorted(compareText),
      digests: [...names.digests].toSorted(compareText),
    }));
}
