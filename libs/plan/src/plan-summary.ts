// SPDX-License-Identifier: Apache-2.0
import type { PlannedAction, PlanSummary } from './action.ts';

/** Counts of `actions`, per edge. */
export function summarise(actions: Iterable<PlannedAction>): PlanSummary {
  const counts = { edges: 0, add: 0, tag: 0, present: 0, lost: 0, refused: 0, unreadable: 0, acceptedLost: 0 };
  for (const { action, isAccepted } of actions) {
    counts.edges += 1;
    counts[action] += 1;
    if (isAccepted) counts.acceptedLost += 1;
  }
  return counts;
}

/** The sum of `summaries`, as for a plan of several projects. */
export function addSummaries(summaries: Iterable<PlanSummary>): PlanSummary {
  const sum = { edges: 0, add: 0, tag: 0, present: 0, lost: 0, refused: 0, unreadable: 0, acceptedLost: 0 };
  for (const summary of summaries) {
    for (const key of Object.keys(sum) as (keyof PlanSummary)[]) sum[key] += summary[key];
  }
  return sum;
}
