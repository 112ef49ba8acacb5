// SPDX-License-Identifier: Apache-2.0
import { printPosition } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';
import type { PromotionEdge } from './edge.ts';
import type { ForeignClaim } from './observation.ts';
import { conflictsOf, overlapsOf } from './overlap.ts';
import { compareText } from './text-order.ts';

/**
 * Claims of other projects on a `destination:tag` of `project` with another digest, sorted. With them, a plan of this
 * project alone refuses what a plan of all projects refuses. Claims on the same digest are harmless and left out.
 */
export function foreignClaimsFor(project: string, allEdges: readonly PromotionEdge[]): readonly ForeignClaim[] {
  return foreignClaimsByProject(allEdges).get(project) ?? [];
}

/** `foreignClaimsFor` of every project that has any, in one pass over the edges. */
export function foreignClaimsByProject(
  allEdges: readonly PromotionEdge[],
): ReadonlyMap<string, readonly ForeignClaim[]> {
  const byProject = new Map<string, ForeignClaim[]>();
  for (const claims of contested(allEdges)) {
    const projects = new Map<string, Set<Digest>>();
    for (const claim of claims)
      projects.set(claim.project, (projects.get(claim.project) ?? new Set()).add(claim.digest));
    for (const [project, digests] of projects) {
      const foreign = claims.filter((claim) => claim.project !== project && !digests.has(claim.digest));
      if (foreign.length > 0) byProject.set(project, [...(byProject.get(project) ?? []), ...foreign]);
    }
  }
  for (const claims of byProject.values()) claims.sort(compareClaims);
  return byProject;
}

/** All claims per contested `destination:tag`. */
function contested(allEdges: readonly PromotionEdge[]): Iterable<readonly ForeignClaim[]> {
  const overlaps = overlapsOf(allEdges);
  const groups = new Map<readonly Digest[], ForeignClaim[]>();
  if (overlaps.size === 0) return [];
  for (const edge of allEdges) {
    const conflicts = conflictsOf(overlaps, edge);
    if (conflicts === null || edge.tag === null) continue;
    const group = groups.get(conflicts) ?? [];
    groups.set(conflicts, group);
    const { destination, tag, digest, project } = edge;
    group.push({ destination, tag, digest, project, at: printPosition(edge.at) });
  }
  return groups.values();
}

function compareClaims(left: ForeignClaim, right: ForeignClaim): number {
  return (
    compareText(left.destination, right.destination) ||
    compareText(left.tag, right.tag) ||
    compareText(left.digest, right.digest) ||
    compareText(left.project, right.project) ||
    compareText(left.at, right.at)
  );
}
