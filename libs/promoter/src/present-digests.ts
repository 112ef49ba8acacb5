// SPDX-License-Identifier: Apache-2.0
import type { PlannedAction } from '@promograph/plan';
import { dueKey } from './due-digests.ts';

/** How many digests have no edge but present ones, and are not among those that were looked at all the same. */
export function presentDigests(actions: readonly PlannedAction[], looked: ReadonlySet<string>): number {
  const byDigest = Map.groupBy(actions, ({ edge }) => dueKey(edge));
  const isLeftOut = (key: string, group: readonly PlannedAction[]): boolean =>
    !looked.has(key) && group.every(({ action }) => action === 'present');
  return [...byDigest].filter(([key, group]) => isLeftOut(key, group)).length;
}
