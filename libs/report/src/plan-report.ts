// SPDX-License-Identifier: Apache-2.0
import { printPosition } from '@promograph/manifest';
import { addSummaries, type PlannedAction, type PlanSummary, type ProjectPlan } from '@promograph/plan';
import { type ArtifactInputs, FORMAT_VERSION } from './artifact-parts.ts';
import type { PlanGate } from './plan-gate.ts';
import type { PlanReport, PlanReportAction, PlanReportProject, PlanReportSummary } from './plan-artifact.ts';

/** What goes into a plan report beside the plans. */
export interface PlanReportOptions {
  /** Also list the edges that need nothing. Default false: they are only counted. */
  readonly all?: boolean;
  /** What the plan was made from; only for the artifact of one project. */
  readonly inputs?: ArtifactInputs;
  /** What the gate demands of a project; null for nothing. */
  readonly gateOf?: (project: string) => PlanGate | null;
}

/** The model of `plan.json` and `plan --output json`, from plans that are already in order. */
export function planReport(plans: readonly ProjectPlan[], options: PlanReportOptions = {}): PlanReport {
  return {
    formatVersion: FORMAT_VERSION,
    ...(options.inputs === undefined ? {} : { inputs: options.inputs }),
    summary: summaryOf(addSummaries(plans.map((plan) => plan.summary))),
    projects: plans.map((plan) => projectOf(plan, options)),
  };
}

function projectOf(plan: ProjectPlan, { all = false, gateOf }: PlanReportOptions): PlanReportProject {
  const gate = gateOf?.(plan.project) ?? null;
  const listed = all ? plan.actions : plan.actions.filter(({ action }) => action !== 'present');
  return {
    project: plan.project,
    summary: summaryOf(plan.summary),
    allLost: plan.allLost,
    destinations: destinationCount(plan.actions.map(({ edge }) => edge)),
    ...(gate === null ? {} : { gate }),
    actions: listed.map(actionOf),
  };
}

/** The most destinations that one image has: all images of a project go to the same registries. */
export function destinationCount(edges: Iterable<{ readonly source: string; readonly destination: string }>): number {
  const bySource = new Map<string, Set<string>>();
  let most = 0;
  for (const { source, destination } of edges) {
    const destinations = bySource.get(source) ?? new Set();
    bySource.set(source, destinations.add(destination));
    most = Math.max(most, destinations.size);
  }
  return most;
}

function summaryOf({ acceptedLost, ...counts }: PlanSummary): PlanReportSummary {
  const { edges, add, tag, present, lost, refused, unreadable } = counts;
  const summary = { edges, add, tag, present, lost, refused, unreadable };
  return acceptedLost === 0 ? summary : { ...summary, acceptedLost };
}

function actionOf(planned: PlannedAction): PlanReportAction {
  const { edge, observed, conflicts, reason, detail } = planned;
  return {
    action: planned.action,
    digest: edge.digest,
    source: edge.source,
    destination: edge.destination,
    tag: edge.tag,
    ...(observed === null ? {} : { observed }),
    ...(conflicts.length === 0 ? {} : { conflicts }),
    ...(reason === null ? {} : { reason }),
    ...(detail === null ? {} : { detail }),
    ...(planned.isAccepted ? { accepted: true as const } : {}),
    at: printPosition(edge.at),
  };
}
