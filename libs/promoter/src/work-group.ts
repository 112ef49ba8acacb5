// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { ActionKind, PlannedAction, ProjectPlan } from '@promograph/plan';

/** Everything that one project wants of one digest: copied once, then tagged where each edge says. */
export interface WorkGroup {
  readonly project: string;
  readonly source: string;
  readonly digest: Digest;
  /** Actions, by destination repository. */
  readonly byDestination: ReadonlyMap<string, readonly PlannedAction[]>;
}

/** The groups of the plans' `add` and `tag` actions, or of others, in the plans' order. */
export function workGroupsOf(
  plans: readonly ProjectPlan[],
  kinds: readonly ActionKind[] = ['add', 'tag'],
): readonly WorkGroup[] {
  const groups = new Map<string, WorkGroup & { byDestination: Map<string, PlannedAction[]> }>();
  for (const { project, actions } of plans) {
    for (const planned of actions) {
      if (!kinds.includes(planned.action)) continue;
      const { source, digest, destination } = planned.edge;
      const key = `${project} ${source} ${digest}`;
      const group = groups.get(key) ?? { project, source, digest, byDestination: new Map<string, PlannedAction[]>() };
      groups.set(key, group);
      group.byDestination.set(destination, [...(group.byDestination.get(destination) ?? []), planned]);
    }
  }
  return [...groups.values()];
}
