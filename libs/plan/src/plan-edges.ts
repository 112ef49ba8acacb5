// SPDX-License-Identifier: Apache-2.0
import type { PlannedAction, ProjectPlan } from './action.ts';
import { actionOf, type EdgeContext } from './edge-action.ts';
import { sortEdges } from './edge-order.ts';
import type { PromotionEdge } from './edge.ts';
import type { ForeignClaim, Observations } from './observation.ts';
import { overlapsOf } from './overlap.ts';
import { summarise } from './plan-summary.ts';
import { compareText } from './text-order.ts';

/** What plans are made from. */
export interface PlanInput {
  /** Edges of any number of projects, in any order; overlaps are looked for over all of them. */
  readonly edges: readonly PromotionEdge[];
  /** A repository that is missing here counts as unreadable, never as empty. */
  readonly observations: Observations;
  /** Claims of projects whose edges are not given. Default none. */
  readonly claims?: readonly ForeignClaim[];
  /** Whether a lost edge was acknowledged (by the baseline). Default: none was. */
  readonly acceptedLost?: (edge: PromotionEdge) => boolean;
}

/** The plan of `project` alone. Edges of other projects in `edges` only take part in the overlap check. */
export function planProject(input: PlanInput & { readonly project: string }): ProjectPlan {
  const own = sortEdges(input.edges.filter((edge) => edge.project === input.project));
  return planOf(input.project, own, contextOf(input));
}

/** One plan per project of `edges`, by name; `projects` adds those that have no edge. */
export function planEdges(input: PlanInput & { readonly projects?: readonly string[] }): readonly ProjectPlan[] {
  const context = contextOf(input);
  const byProject = new Map<string, PromotionEdge[]>((input.projects ?? []).map((project) => [project, []]));
  for (const edge of sortEdges(input.edges)) {
    const own = byProject.get(edge.project);
    if (own === undefined) byProject.set(edge.project, [edge]);
    else own.push(edge);
  }
  return [...byProject.keys()]
    .toSorted(compareText)
    .map((project) => planOf(project, byProject.get(project) ?? [], context));
}

function contextOf(input: PlanInput): EdgeContext {
  const overlaps = overlapsOf(input.edges, input.claims ?? []);
  const context = { observations: input.observations, overlaps };
  return input.acceptedLost === undefined ? context : { ...context, isLostAccepted: input.acceptedLost };
}

function planOf(project: string, edges: readonly PromotionEdge[], context: EdgeContext): ProjectPlan {
  const actions = edges.map((edge) => actionOf(edge, context));
  const summary = summarise(actions);
  return { project, summary, actions, allLost: summary.lost === summary.edges && hasManyUnacknowledged(actions) };
}

/** Acknowledged losses say nothing about the registry's name, so they do not count towards "two or more images". */
function hasManyUnacknowledged(actions: readonly PlannedAction[]): boolean {
  const first = actions.find((action) => !action.isAccepted);
  return (
    first !== undefined && actions.some((action) => !action.isAccepted && action.edge.digest !== first.edge.digest)
  );
}
