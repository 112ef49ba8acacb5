// SPDX-License-Identifier: Apache-2.0
import type { CopyEngine } from '@promograph/registry';
import pLimit from 'p-limit';
import { addTotals, NO_COPIES, type CopyTotals, type EdgeResult } from './edge-result.ts';
import { promoteGroup } from './promote-group.ts';
import type { GroupTrust } from './trust/group-trust.ts';
import type { WorkGroup } from './work-group.ts';

/**
 * Digests under way at once. The copy engine bounds memory and streams by itself; with few digests at once, those that wait
 * for a slow mirror would hold the others back.
 */
const GROUPS_AT_ONCE = 64;

export interface GroupRun {
  readonly engine: CopyEngine;
  readonly refusals: ReadonlyMap<string, unknown>;
  readonly trust: GroupTrust | null;
  readonly handsOver: boolean;
  readonly signal: AbortSignal | undefined;
  readonly failFast: boolean;
  readonly onResult: (result: EdgeResult) => void;
  readonly onTotals: (totals: CopyTotals) => void;
}

/** What promoting cost, by project. */
export type TotalsByProject = ReadonlyMap<string, CopyTotals>;

/**
 * Promotes all groups. With `failFast` nothing new begins after the first failure or refusal; what had begun ends.
 * Edges that never began get no result: the caller knows them.
 */
export async function runGroups(groups: readonly WorkGroup[], run: GroupRun): Promise<TotalsByProject> {
  const totals = new Map<string, CopyTotals>();
  const limit = pLimit(GROUPS_AT_ONCE);
  let isStopped = false;
  let sum = NO_COPIES;
  const isEnded = (): boolean => isStopped || (run.signal?.aborted ?? false);
  const promoteOne = async (group: WorkGroup): Promise<void> => {
    if (isEnded()) return;
    await promoteGroup(group, {
      ...run,
      onResult: (result) => {
        isStopped ||= run.failFast && (result.outcome === 'failed' || result.outcome === 'refused');
        run.onResult(result);
      },
      onCopy: (copy) => {
        totals.set(group.project, addTotals(totals.get(group.project) ?? NO_COPIES, copy));
        sum = addTotals(sum, copy);
        run.onTotals(sum);
      },
    });
  };
  await Promise.all(groups.map((group) => limit(() => promoteOne(group))));
  return totals;
}
