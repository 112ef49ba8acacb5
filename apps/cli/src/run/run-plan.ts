// SPDX-License-Identifier: Apache-2.0
import type { PlanRun, Workspace } from '@promograph/promoter';
import {
  type PlanGate,
  planGateOf,
  type PlanReport,
  planReport,
  printPlanJson,
  renderPlanMarkdown,
  renderPlanText,
  type TextOptions,
} from '@promograph/report';
import type { CliContext, TextOutput } from '../cli-context.ts';
import type { Outcome } from '../exit-code.ts';
import type { ResultFormat } from '../output-option.ts';
import type { TreeFlags } from '../tree-flags.ts';
import { promotionCommand, treeArguments } from './next-command.ts';
import { findingOutcomes, ownFindings, planOutcomes } from './run-outcomes.ts';
import { tellTroubles } from './tell-troubles.ts';
import { textOptions, treeDirectory } from './text-options.ts';
import { withSession } from './with-session.ts';

/** Flags of `plan`. */
export type PlanFlags = TreeFlags & { output: ResultFormat; all?: true; detailedExitcode?: true };

/** Plans and prints. Pending changes count as an outcome only with `--detailed-exitcode`. */
export async function runPlan(context: CliContext, flags: PlanFlags): Promise<readonly Outcome[]> {
  const { run, workspace } = await withSession(context, flags, async (session) => ({
    run: await session.plan(),
    workspace: session.workspace,
  }));
  await printPlan({ context, flags, run, workspace }, context.stdout);
  const outcomes = [...findingOutcomes(ownFindings(workspace)), ...planOutcomes(run)];
  return flags.detailedExitcode === true ? outcomes : outcomes.filter((outcome) => outcome !== 'changes');
}

/** A plan with what belongs to it. */
export interface PlannedRun {
  readonly context: CliContext;
  readonly flags: PlanFlags;
  readonly run: PlanRun;
  readonly workspace: Workspace;
}

/** Prints the plan on `output`, and on stderr what is wrong around it. */
async function printPlan({ context, flags, run, workspace }: PlannedRun, output: TextOutput): Promise<void> {
  const { projects } = workspace.tree;
  const gateOf = (name: string): PlanGate | null => {
    const project = projects.find((candidate) => candidate.name === name);
    return project === undefined ? null : planGateOf(project, { projects, config: workspace.config });
  };
  const report = planReport(run.plans, { all: flags.all ?? false, gateOf });
  await tellTroubles(context, { findings: ownFindings(workspace), hostFailures: run.hostFailures, workspace });
  const next = nextCommand({ flags, run, workspace });
  const layout = { ...textOptions(output, next), ...treeDirectory(context, workspace) };
  await output.write(planText(report, { layout, format: flags.output, next }));
}

/** Promoting what is pending; else the same plan again where a registry could not be read. */
function nextCommand({ flags, run, workspace }: Omit<PlannedRun, 'context'>): string | undefined {
  const pending = run.plans.filter(({ summary }) => summary.add + summary.tag > 0).map(({ project }) => project);
  if (pending.length > 0) return promotionCommand(flags, { workspace, projects: pending });
  const isUnread = run.plans.some(({ summary }) => summary.unreadable > 0);
  return isUnread ? `promograph plan${treeArguments(flags)}` : undefined;
}

interface PlanPrinting {
  readonly layout: TextOptions;
  readonly format: ResultFormat;
  readonly next: string | undefined;
}

function planText(report: PlanReport, { layout, format, next }: PlanPrinting): string {
  if (format === 'json') return printPlanJson(report);
  if (format === 'markdown') return renderPlanMarkdown(report, next === undefined ? {} : { next });
  return renderPlanText(report, layout);
}
