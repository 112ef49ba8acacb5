// SPDX-License-Identifier: Apache-2.0
import type { EdgeLine, LineKind } from './edge-line.ts';
import { DEFAULT_BUDGET_CHARS, fitMarkdown, type MarkdownSection } from './fit-markdown.ts';
import { foldedSection, openSection, type ProjectLines } from './markdown-lines.ts';
import { codeSpan, prose, row, sentence } from './markdown-text.ts';
import { count } from './measures.ts';
import type { PlanReport, PlanReportProject } from './plan-artifact.ts';
import { ALL_LOST_WARNING, isChanged, nextAfterPlan, planConclusion, planCounts } from './plan-counts.ts';
import { printPlanGate } from './plan-gate.ts';
import { planLine } from './plan-lines.ts';

/** How a Markdown report is cut and what it ends with. */
export interface MarkdownOptions {
  /** Most characters, UTF-16 code units. Default 60,000; below 2,000 the counts alone may be longer. */
  readonly budgetChars?: number;
  /** The next command to type, instead of the one that the report suggests. */
  readonly next?: string;
}

/**
 * A plan as a pull request comment or job summary: counts, then what needs a decision in full, then what would happen,
 * folded per project. Too long a plan loses rows in its middle and says so.
 */
export function renderPlanMarkdown(report: PlanReport, options: MarkdownOptions = {}): string {
  const changed = report.projects.filter(isChanged);
  const next = options.next ?? nextAfterPlan(report);
  const quiet = report.projects.length - changed.length;
  const foot = [
    ...(quiet > 0 && changed.length > 0 ? [`${count(quiet, 'project')} without changes.\n`] : []),
    ...(next === null ? [] : [`Next: ${codeSpan(next)}\n`]),
  ];
  const parts = {
    head: `## Promotion plan\n\n**${sentence(planConclusion(report))}**\n\n`,
    sections: [countsSection(changed), gates(changed), ...decisions(changed), ...changes(report.projects)],
    foot: foot.join('\n'),
    whole: 'The whole plan is in `plan.json` and in `promograph plan --output json`.',
  };
  return fitMarkdown(parts, options.budgetChars ?? DEFAULT_BUDGET_CHARS);
}

function countsSection(projects: readonly PlanReportProject[]): MarkdownSection {
  const open =
    row('Project', 'add', 'tag', 'refused', 'lost', 'unreadable', 'present') +
    row('---', ...Array<string>(6).fill('--:'));
  const rows = projects.map(({ project, summary }) => {
    const { add, tag, refused, lost, unreadable, present } = summary;
    return row(codeSpan(project), ...[add, tag, refused, lost, unreadable, present].map((amount) => `${amount}`));
  });
  return { open, rows, close: '\n' };
}

function gates(projects: readonly PlanReportProject[]): MarkdownSection {
  const rows = projects.flatMap(({ project, gate }) =>
    gate === undefined ? [] : [`- ${codeSpan(project)}: ${prose(printPlanGate(gate))}\n`],
  );
  return { open: '### Gate\n\n', rows, close: '\n' };
}

function decisions(projects: readonly PlanReportProject[]): readonly MarkdownSection[] {
  const allLost = projects.filter((project) => project.allLost);
  return [
    {
      open: '### Nothing found\n\n',
      rows: allLost.map(({ project }) => `- ${codeSpan(project)}: ${prose(ALL_LOST_WARNING)}\n`),
      close: '\n',
    },
    openSection(
      'Refused',
      linesOf(projects, ({ kind }) => kind === 'refused'),
    ),
    openSection(
      'Unreadable',
      linesOf(projects, ({ kind }) => kind === 'failed'),
    ),
    openSection(
      'Lost',
      linesOf(projects, ({ kind }) => kind === 'lost'),
    ),
  ];
}

function changes(projects: readonly PlanReportProject[]): readonly MarkdownSection[] {
  const own = linesOf(projects, ({ kind }) => kind === 'add' || kind === 'tag' || kind === 'present');
  return own.map((section) => {
    const of = (kind: LineKind): number => section.lines.filter((line) => line.kind === kind).length;
    const counts = { add: of('add'), tag: of('tag'), present: of('present'), lost: 0, refused: 0, unreadable: 0 };
    return foldedSection(planCounts({ edges: section.lines.length, ...counts }), section);
  });
}

function linesOf(projects: readonly PlanReportProject[], keep: (line: EdgeLine) => boolean): readonly ProjectLines[] {
  return projects.map(({ project, destinations, actions }) => ({
    project,
    destinations,
    lines: actions.map(planLine).filter(keep),
  }));
}
