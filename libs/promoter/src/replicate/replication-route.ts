// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import { compareText, type PromotionEdge } from '@promograph/plan';

/** A repository that holds signatures, and those that are to hold them as well. Repositories are printed `host/path`. */
export interface ReplicationRoute {
  readonly canonical: string;
  /** Sorted, without the canonical one. */
  readonly mirrors: readonly string[];
  /** Digests that the manifests name there, sorted. */
  readonly digests: readonly Digest[];
}

/**
 * The routes of all edges: each digest's destination below the prefix `canonical`, the first of several, to its other
 * destinations. Digests without a destination there have no route.
 */
export function replicationRoutes(edges: readonly PromotionEdge[], canonical: string): readonly ReplicationRoute[] {
  const groups = new Map<string, { readonly digest: Digest; readonly destinations: Set<string> }>();
  for (const { project, source, digest, destination } of edges) {
    const key = `${project} ${source} ${digest}`;
    const group = groups.get(key) ?? { digest, destinations: new Set() };
    group.destinations.add(destination);
    groups.set(key, group);
  }
  const routes = new Map<string, { readonly mirrors: Set<string>; readonly digests: Set<Digest> }>();
  for (const { digest, destinations } of groups.values()) {
    const [home, ...others] = [...destinations].sort((a, b) => homeFirst(a, b, canonical));
    if (home === undefined || !isBelow(home, canonical)) continue;
    const route = routes.get(home) ?? { mirrors: new Set(), digests: new Set() };
    for (const mirror of others) route.mirrors.add(mirror);
    route.digests.add(digest);
    routes.set(home, route);
  }
  return [...routes]
    .map(([home, { mirrors, digests }]) => ({
      canonical: home,
      mirrors: [...mirrors].sort(compareText),
      digests: [...digests].sort(compareText),
    }))
    .sort((a, b) => compareText(a.canonical, b.canonical));
}

function homeFirst(a: string, b: string, canonical: string): number {
  return Number(isBelow(b, canonical)) - Number(isBelow(a, canonical)) || compareText(a, b);
}

function isBelow(repository: string, prefix: string): boolean {
  return repository === prefix || repository.startsWith(`${prefix}/`);
}
