// SPDX-License-Identifier: Apache-2.0
import { count } from './measures.ts';
import type { PlanReport, PlanReportProject } from './plan-artifact.ts';
import { ALL_LOST_WARNING, isChanged, nextAfterPlan, planConclusion, planCounts } from './plan-counts.ts';
import { printPlanGate } from './plan-gate.ts';
import { planLine } from './plan-lines.ts';
import { printable } from './printable.ts';
import { heading, type TextOptions, textLines, nextLine } from './text-lines.ts';

/**
 * A plan for people at a terminal: per project and image what would happen, `+` add, `~` tag, `!` refused, `?` lost,
 * `x` unreadable, `=` present where the report lists those. Projects without changes are only counted. The counts and
 * the next command are the last lines. Ends with a newline.
 */
export function renderPlanText(report: PlanReport, options: TextOptions = {}): string {
  const listed = report.projects.filter((project) => project.actions.length > 0);
  const lines = listed.flatMap((project) => [...projectText(project, options), '']);
  const quiet = report.projects.filter((project) => !isChanged(project)).length;
  if (quiet > 0 && listed.length > 0) lines.push(`${count(quiet, 'project')} without changes.`);
  lines.push(heading(planConclusion(report), options));
  const next = options.next ?? nextAfterPlan(report);
  lines.push(...nextLine(next));
  return `${lines.join('\n')}\n`;
}

function projectText(project: PlanReportProject, options: TextOptions): readonly string[] {
  const title = `${printable(project.project)}: ${planCounts(project.summary)}`;
  const warning = project.allLost ? [`  ${ALL_LOST_WARNING}`] : [];
  const lines = textLines(project.actions.map(planLine), { ...options, destinations: project.destinations });
  const gate = project.gate === undefined ? [] : [`  gate: ${printPlanGate(project.gate)}`];
  return [heading(title, options), ...gate, ...warning, ...lines];
}
