// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import { compareText } from './text-order.ts';

/** Anything that wants a digest under a tag of a destination: an edge, or a claim of another project. */
export interface TagClaim {
  readonly destination: string;
  readonly tag: string | null;
  readonly digest: Digest;
}

/** Destination repository to tag to every digest that claims it, sorted; only where there are two or more. */
export type Overlaps = ReadonlyMap<string, ReadonlyMap<string, readonly Digest[]>>;

/**
 * The tags that two or more different digests claim, over all `claims` given (edges of all projects, foreign claims).
 * Keyed by the full destination repository, so registries that nest meet where their repositories are the same.
 */
export function overlapsOf(...claims: readonly (readonly TagClaim[])[]): Overlaps {
  const claimed = new Map<string, Map<string, Digest>>();
  const overlaps = new Map<string, Map<string, Set<Digest>>>();
  for (const list of claims) {
    for (const claim of list) {
      if (claim.tag === null) continue;
      const tags = childOf(claimed, claim.destination, newMap<string, Digest>);
      const first = tags.get(claim.tag);
      if (first === undefined) tags.set(claim.tag, claim.digest);
      else if (first !== claim.digest) {
        const conflicting = childOf(overlaps, claim.destination, newMap<string, Set<Digest>>);
        childOf(conflicting, claim.tag, () => new Set([first])).add(claim.digest);
      }
    }
  }
  return sortedOverlaps(overlaps);
}

/** Every digest that claims the tag of `claim`, or null when there is no other. */
export function conflictsOf(overlaps: Overlaps, claim: TagClaim): readonly Digest[] | null {
  if (claim.tag === null || overlaps.size === 0) return null;
  return overlaps.get(claim.destination)?.get(claim.tag) ?? null;
}

function sortedOverlaps(overlaps: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<Digest>>>): Overlaps {
  const sorted = new Map<string, Map<string, readonly Digest[]>>();
  for (const [destination, tags] of overlaps) {
    const byTag = childOf(sorted, destination, newMap<string, readonly Digest[]>);
    for (const [tag, digests] of tags) byTag.set(tag, [...digests].toSorted(compareText));
  }
  return sorted;
}

function childOf<Value>(parent: Map<string, Value>, key: string, make: () => Value): Value {
  const existing = parent.get(key);
  if (existing !== undefined) return existing;
  const made = make();
  parent.set(key, made);
  return made;
}

function newMap<Key, Value>(): Map<Key, Value> {
  return new Map();
}
