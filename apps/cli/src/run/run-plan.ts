// SPDX-License-Identifier: Apache-2.0
import type { PlanRun, Workspace } from '@promograph/promoter';
import { type PlanReport, planReport, printPlanJson, renderPlanMarkdown, renderPlanText } from '@promograph/report';
import type { CliContext, TextOutput } from '../cli-context.ts';
import type { Outcome } from '../exit-code.ts';
import type { ResultFormat } from '../output-option.ts';
import type { TreeFlags } from '../tree-flags.ts';
import { treeArguments } from './next-command.ts';
import { findingOutcomes, ownFindings, planOutcomes } from './run-outcomes.ts';
import { tellTroubles } from './tell-troubles.ts';
import { textOptions } from './text-options.ts';
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
  const report = planReport(run.plans, { all: flags.all ?? false });
  await tellTroubles(context.stderr, { findings: ownFindings(workspace), hostFailures: run.hostFailures, workspace });
  await output.write(planText(report, flags, output));
}

function planText(report: PlanReport, flags: PlanFlags, output: TextOutput): string {
  if (flags.output === 'json') return printPlanJson(report);
  const isPending = report.summary.add + report.summary.tag > 0;
  const next = isPending ? `promograph promote${treeArguments(flags)} --confirm` : undefined;
  if (flags.output === 'markdown') return renderPlanMarkdown(report, next === undefined ? {} : { next });
  return renderPlanText(report, textOptions(output, next));
}
