// SPDX-License-Identifier: Apache-2.0
import { planEdges, planProject, type Observations, type ProjectPlan } from '@promograph/plan';
import type { decodeSnapshot } from '@promograph/report';
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
  const observations = await observeEdges(workspace.edgesOf(projects), workspace.claimsOn(projects), ports);
  return { observations, plans: plansOf(workspace, projects, observations) };
}

/** The plans of `projects` from what was observed, with the claims of all other projects of the tree. */
export function plansOf(
  workspace: LoadedWorkspace,
  projects: readonly string[],
  observations: Observations,
): readonly ProjectPlan[] {
  const edges = workspace.edgesOf(projects);
  const claims = workspace.claimsOn(projects);
  return planEdges({ edges, observations, claims, projects, acceptedLost: workspace.isLostAccepted });
}

/** The plan of one project from what its snapshot recorded. */
export function planOfSnapshot(
  workspace: LoadedWorkspace,
  project: string,
  { observations, claims }: ReturnType<typeof decodeSnapshot>,
): ProjectPlan {
  const edges = workspace.edgesOf([project]);
  return planProject({ project, edges, observations, claims, acceptedLost: workspace.isLostAccepted });
}
