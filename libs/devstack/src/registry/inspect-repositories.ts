// SPDX-License-Identifier: Apache-2.0
import type { RepositoryState } from './repository-state.ts';

/** What a repository holds, sorted. */
export interface RepositoryInspection {
  /** Digest by tag. */
  readonly tags: Readonly<Record<string, string>>;
  readonly manifests: readonly string[];
  readonly blobs: readonly string[];
}

/** A sorted copy of the repositories' content. Those with nothing left in them are not listed. */
export function inspectRepositories(
  repositories: ReadonlyMap<string, RepositoryState>,
): Record<string, RepositoryInspection> {
  const filled = [...repositories].filter(
    ([, { tags, manifests, blobs }]) => tags.size + manifests.size + blobs.size > 0,
  );
  return Object.fromEntries(
    filled.sort(byKey).map(([name, { tags, manifests, blobs }]) => [
      name,
      {
        tags: Object.fromEntries([...tags].sort(byKey)),
        manifests: [...manifests.keys()].sort(),
        blobs: [...blobs.keys()].sort(),
      },
    ]),
  );
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
