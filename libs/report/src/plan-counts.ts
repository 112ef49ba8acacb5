// SPDX-License-Identifier: Apache-2.0
import { count } from './measures.ts';
import { shellWord } from './printable.ts';
import type { PlanReport, PlanReportProject, PlanReportSummary } from './plan-artifact.ts';

/** `5 to add, 1 to tag, 30 present, 2 lost (1 accepted), 1 refused`: what there is none of is not said. */
export function planCounts(summary: PlanReportSummary): string {
  const accepted = summary.acceptedLost === undefined ? '' : ` (${summary.acceptedLost} accepted)`;
  const parts: readonly (readonly [number, string])[] = [
    [summary.add, 'to add'],
    [summary.tag, 'to tag'],
    [summary.present, 'present'],
    [summary.lost, `lost${accepted}`],
    [summary.refused, 'refused'],
    [summary.unreadable, 'unreadable'],
  ];
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, what]) => `${amount} ${what}`)
    .join(', ');
}

/** The sentence that ends a plan. */
export function planConclusion({ summary, projects }: PlanReport): string {
  const where = `${count(summary.edges, 'edge')} in ${count(projects.length, 'project')}`;
  if (summary.edges === 0) return `Plan: nothing is named in ${count(projects.length, 'project')}.`;
  if (summary.present === summary.edges) return `Plan: nothing to do, everything is present; ${where}.`;
  return `Plan: ${planCounts(summary)}; ${where}.`;
}

/** Whether a project has anything to tell beside what is present. */
export function isChanged(project: PlanReportProject): boolean {
  return project.summary.present < project.summary.edges;
}

/** The next command to type, or null when there is none that helps. */
export function nextAfterPlan({ summary, projects }: PlanReport): string | null {
  const [only] = projects;
  const scope = projects.length === 1 && only !== undefined ? ` --project ${shellWord(only.project)}` : '';
  if (summary.add + summary.tag > 0) return `promograph promote${scope} --confirm`;
  if (summary.unreadable > 0) return `promograph plan${scope}`;
  return null;
}

/** The warning over a project of which nothing was found. */
export const ALL_LOST_WARNING =
  'Not one image of this project was found at its source: is the name of the source registry right?';
