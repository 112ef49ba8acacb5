// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import { compareText, type PromotionEdge } from '@promograph/plan';
import type { CanonicalRepositories } from '../trust/canonical-repositories.ts';

/** A repository that holds signatures, and those that are to hold them as well. Repositories are printed `host/path`. */
export interface ReplicationRoute {
  readonly canonical: string;
  /** The name that its images are signed for. */
  readonly reference: string;
  /** Sorted, without the canonical one. */
  readonly mirrors: readonly string[];
  /** Digests that the manifests name there, sorted. */
  readonly digests: readonly Digest[];
}

/**
 * The routes of `edges`: from each digest's canonical repository to its destinations. Where that is, `canonicals` knows, from
 * edges that may not be among these. Digests without one have no route.
 */
export function replicationRoutes(
  edges: readonly PromotionEdge[],
  canonicals: CanonicalRepositories,
): readonly ReplicationRoute[] {
  const routes = new Map<string, { reference: string; readonly mirrors: Set<string>; readonly digests: Set<Digest> }>();
  for (const { project, source, digest, destination } of edges) {
    if (canonicals.problemOf(project, source, digest) !== null) continue;
    const { repository: home, reference } = canonicals.placeOf(project, source, digest);
    const route = routes.get(home) ?? { reference, mirrors: new Set(), digests: new Set() };
    if (destination !== home) route.mirrors.add(destination);
    route.digests.add(digest);
    routes.set(home, route);
  }
  return [...routes]
    .map(([home, { reference, mirrors, digests }]) => ({
      canonical: home,
      reference,
      mirrors: [...mirrors].sort(compareText),
      digests: [...digests].sort(compareText),
    }))
    .sort((a, b) => compareText(a.canonical, b.canonical));
}

/** Every repository that signatures are written to. */
export function signedRepositories(
  edges: readonly PromotionEdge[],
  canonicals: CanonicalRepositories,
): ReadonlySet<string> {
  const signable = edges.filter(
    ({ project, source, digest }) => canonicals.problemOf(project, source, digest) === null,
  );
  return new Set(signable.map(({ project, source, digest }) => canonicals.placeOf(project, source, digest).repository));
}
