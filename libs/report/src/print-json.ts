// SPDX-License-Identifier: Apache-2.0
import type { PlanReport, PlanReportProject } from './plan-artifact.ts';

/** `value` as indented JSON with one newline at the end. Key order is the value's own. */
export function printJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A plan as JSON, one action per line, so that two plans compare line by line and `grep` finds an edge. */
export function printPlanJson(report: PlanReport): string {
  const lines = ['{', `  "formatVersion": ${JSON.stringify(report.formatVersion)},`];
  if (report.inputs !== undefined) lines.push(`  "inputs": ${JSON.stringify(report.inputs)},`);
  lines.push(`  "summary": ${JSON.stringify(report.summary)},`);
  if (report.projects.length === 0) lines.push('  "projects": []');
  else lines.push('  "projects": [', ...separated(report.projects.map(projectLines)), '  ]');
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

function projectLines(project: PlanReportProject): string {
  const { actions, ...head } = project;
  const lines = ['    {', ...Object.entries(head).map(([key, value]) => `      "${key}": ${JSON.stringify(value)},`)];
  if (actions.length === 0) lines.push('      "actions": []');
  else
    lines.push(
      '      "actions": [',
      ...separated(actions.map((action) => `        ${JSON.stringify(action)}`)),
      '      ]',
    );
  lines.push('    }');
  return lines.join('\n');
}

function separated(items: readonly string[]): string[] {
  return items.map((item, index) => (index === items.length - 1 ? item : `${item},`));
}
