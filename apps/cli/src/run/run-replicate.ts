// SPDX-License-Identifier: Apache-2.0
import { printJson, renderReplicateMarkdown, renderReplicateText, type ReplicateReport } from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import type { Outcome } from '../exit-code.ts';
import type { ResultFormat } from '../output-option.ts';
import type { TreeFlags } from '../tree-flags.ts';
import { treeArguments } from './next-command.ts';
import { findingOutcomes, ownFindings, replicateOutcomes } from './run-outcomes.ts';
import { tellTroubles } from './tell-troubles.ts';
import { textOptions } from './text-options.ts';
import { withSession } from './with-session.ts';

/** Flags of `replicate`. */
export type ReplicateFlags = TreeFlags & {
  output: ResultFormat;
  confirm?: true;
  referrers?: true;
  maxCopies?: number;
};

/** Copies signatures to the other destinations, or says what is missing there. */
export async function runReplicate(context: CliContext, flags: ReplicateFlags): Promise<readonly Outcome[]> {
  const confirm = flags.confirm ?? false;
  const options = {
    confirm,
    ...(flags.referrers === undefined ? {} : { referrers: flags.referrers }),
    ...(flags.maxCopies === undefined ? {} : { maxCopies: flags.maxCopies }),
  };
  const { run, workspace } = await withSession(context, flags, async (session) => ({
    run: await session.replicate(undefined, options),
    workspace: session.workspace,
  }));
  const findings = ownFindings(workspace);
  await tellTroubles(context, { findings, hostFailures: run.hostFailures, workspace });
  await context.stdout.write(replicateText(run.report, context, flags));
  if (!confirm) await context.stderr.write('dry run: nothing was written; add --confirm to replicate\n');
  return [...findingOutcomes(findings), ...replicateOutcomes(run)];
}

function replicateText(report: ReplicateReport, context: CliContext, flags: ReplicateFlags): string {
  if (flags.output === 'json') return printJson(report);
  const isOpen = report.items.some(({ outcome }) => outcome !== 'copied');
  const next = isOpen ? `promograph replicate${treeArguments(flags)} --confirm` : undefined;
  if (flags.output === 'markdown') return renderReplicateMarkdown(report, next === undefined ? {} : { next });
  return renderReplicateText(report, textOptions(context.stdout, next));
}
