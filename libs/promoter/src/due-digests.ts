// SPDX-License-Identifier: Apache-2.0
import type { ProjectPlan } from '@promograph/plan';
import type { DueDigest } from './gate/gate-ports.ts';

/** Key of a digest of a source repository. */
export function dueKey({ source, digest }: DueDigest): string {
  return `${source}@${digest}`;
}

/** The source digests of the plans' `add` and `tag` actions, each once; with `present` also those of present edges. */
export function dueDigests(plans: readonly ProjectPlan[], scope: 'run' | 'present' = 'run'): readonly DueDigest[] {
  const due = new Map<string, DueDigest>();
  for (const { actions } of plans) {
    for (const { action, edge } of actions) {
      if (action !== 'add' && action !== 'tag' && !(scope === 'present' && action === 'present')) continue;
      const { source, digest } = edge;
      due.set(dueKey(edge), { source, digest });
    }
  }
  return [...due.values()];
}
