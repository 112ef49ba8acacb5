// SPDX-License-Identifier: Apache-2.0
import type { PromotionEdge } from '@promograph/plan';

/** All tags of each digest at each destination, by `repository@digest`; sorted. */
export function tagsByPlace(edges: readonly PromotionEdge[]): ReadonlyMap<string, readonly string[]> {
  const tags = new Map<string, Set<string>>();
  for (const { destination, digest, tag } of edges) {
    if (tag === null) continue;
    const key = `${destination}@${digest}`;
    tags.set(key, (tags.get(key) ?? new Set()).add(tag));
  }
  return new Map([...tags].map(([key, names]) => [key, [...names].sort()]));
}
