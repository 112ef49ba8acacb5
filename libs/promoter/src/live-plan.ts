// SPDX-License-Identifier: Apache-2.0
import { planEdges, type Observations, type ProjectPlan } from '@promograph/plan';
import type { LoadedWorkspace } from './load-workspace.ts';
import { observeEdges, type ObservePorts } from './observe-edges.ts';

/** What the registries hold now, and what follows from it. */
export interface LivePlan {
  readonly observations: Observations;
  readonly plans: readonly ProjectPlan[];
}

/** Reads the registries for `projects` and plans them, with the claims of all other projects of the tree. */
export async function livePlan(
  workspace: LoadedWorkspace,
  projects: readonly string[],
  ports: ObservePorts,
): Promise<LivePlan> {
  const edges = workspace.edgesOf(projects);
  const claims = workspace.claimsOn(projects);
  const observations = await observeEdges(edges, claims, ports);
  const plans = planEdges({ edges, observations, claims, projects, acceptedLost: workspace.isLostAccepted });
  return { observations, plans };
}
