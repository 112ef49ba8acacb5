// SPDX-License-Identifier: Apache-2.0
import { parseRepository } from '@promograph/oci';
import type { CopyEngine } from '@promograph/registry';
import type { Project } from '@promograph/manifest';
import pLimit from 'p-limit';
import type { WorkGroup } from './work-group.ts';

/** Trials of writing at once. */
const TRIALS_AT_ONCE = 16;

/**
 * Tries writing once per destination registry before the first byte, without effect, so that a missing permission costs
 * one request and one line instead of a release half copied. Answers the refusals by destination repository.
 */
export async function tryDestinations(
  groups: readonly WorkGroup[],
  projects: readonly Project[],
  ports: { readonly engine: CopyEngine; readonly signal: AbortSignal | undefined },
): Promise<ReadonlyMap<string, unknown>> {
  const repositories = [...new Set(groups.flatMap((group) => [...group.byDestination.keys()]))];
  const names = [...new Set(projects.flatMap(({ destinations }) => destinations.map(({ name }) => name)))];
  const byRegistry = Map.groupBy(repositories, (repository) => longestAbove(repository, names));
  const refusals = new Map<string, unknown>();
  const limit = pLimit(TRIALS_AT_ONCE);
  await Promise.all(
    [...byRegistry.values()].map((members) =>
      limit(async () => {
        const first = members[0];
        if (first === undefined) return;
        try {
          await ports.engine.tryWrite(parseRepository(first), ports.signal);
        } catch (error) {
          for (const repository of members) refusals.set(repository, error);
        }
      }),
    ),
  );
  return refusals;
}

/** The longest destination registry that `repository` is below: permissions are granted there. */
function longestAbove(repository: string, names: readonly string[]): string {
  const above = names.filter((name) => repository.startsWith(`${name}/`));
  return above.reduce((longest, name) => (name.length > longest.length ? name : longest), '');
}
