// SPDX-License-Identifier: Apache-2.0
import {
  nextAfterVerify,
  printJson,
  renderVerifyMarkdown,
  renderVerifyText,
  type VerifyReport,
} from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import type { Outcome } from '../exit-code.ts';
import type { ResultFormat } from '../output-option.ts';
import type { TreeFlags } from '../tree-flags.ts';
import { findingOutcomes, ownFindings, verifyOutcomes } from './run-outcomes.ts';
import { treeArguments } from './next-command.ts';
import { tellTroubles } from './tell-troubles.ts';
import { textOptions } from './text-options.ts';
import { withSession } from './with-session.ts';

/** Flags of `verify`. */
export type VerifyFlags = TreeFlags & { output: ResultFormat; sinceDays?: number; via?: string; confirm?: true };

/** Verifies the tree, or the references given, and prints what is wrong. */
export async function runVerify(
  context: CliContext,
  flags: VerifyFlags,
  references: readonly string[],
): Promise<readonly Outcome[]> {
  const options = {
    confirm: flags.confirm ?? false,
    ...(references.length === 0 ? {} : { references }),
    ...(flags.sinceDays === undefined ? {} : { sinceDays: flags.sinceDays }),
    ...(flags.via === undefined ? {} : { via: flags.via }),
  };
  const { run, workspace } = await withSession(context, flags, async (session) => ({
    run: await session.verify(options),
    workspace: session.workspace,
  }));
  const findings = ownFindings(workspace);
  await tellTroubles(context, { findings, hostFailures: run.hostFailures, workspace });
  await context.stdout.write(verifyText(run.report, context, flags));
  return [...findingOutcomes(findings), ...verifyOutcomes(run)];
}

function verifyText(report: VerifyReport, context: CliContext, flags: VerifyFlags): string {
  const { output } = flags;
  if (output === 'json') return printJson(report);
  const next = nextAfterVerify(report) === null ? undefined : `promograph verify${treeArguments(flags)} --confirm`;
  if (output === 'markdown') return renderVerifyMarkdown(report, next === undefined ? {} : { next });
  return renderVerifyText(report, textOptions(context.stdout, next));
}
