// SPDX-License-Identifier: Apache-2.0
export type { ActionKind, PlannedAction, PlanSummary, ProjectPlan, RefusalReason } from './action.ts';
export { actionOf } from './edge-action.ts';
export type { EdgeContext } from './edge-action.ts';
export { compareEdges, sortEdges } from './edge-order.ts';
export type { PromotionEdge } from './edge.ts';
export { edgesOf } from './edges-of.ts';
export { foreignClaimsByProject, foreignClaimsFor } from './foreign-claims.ts';
export type { ForeignClaim, Observations, RepositoryObservation } from './observation.ts';
export { conflictsOf, overlapsOf } from './overlap.ts';
export type { Overlaps, TagClaim } from './overlap.ts';
export { planEdges, planProject } from './plan-edges.ts';
export type { PlanInput } from './plan-edges.ts';
export { addSummaries, summarise } from './plan-summary.ts';
export { observationRequests, sourcesNeeded } from './read-requests.ts';
export type { RepositoryRequest } from './read-requests.ts';
export { compareText } from './text-order.ts';
