// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorMessage } from '@promograph/errors';
import type { PromoteRun } from '@promograph/promoter';
import { addReceipts, FORMAT_VERSION, printJson, renderReceiptMarkdown, renderReceiptText } from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import type { Outcome } from '../exit-code.ts';
import type { ResultFormat } from '../output-option.ts';
import type { TreeFlags } from '../tree-flags.ts';
import { treeArguments } from './next-command.ts';
import { findingOutcomes, ownFindings, promoteOutcomes } from './run-outcomes.ts';
import { tellTroubles } from './tell-troubles.ts';
import { textOptions } from './text-options.ts';
import { withSession } from './with-session.ts';

/** Flags of `promote`. */
export type PromoteFlags = TreeFlags & { output: ResultFormat; confirm?: boolean; plan?: string; failFast?: boolean };

/** Promotes, or says what promoting would do, and prints the receipts. */
export async function runPromote(context: CliContext, flags: PromoteFlags): Promise<readonly Outcome[]> {
  const confirm = flags.confirm ?? false;
  const plan = flags.plan === undefined ? {} : { plan: await readPlanFile(context, flags.plan) };
  const { run, workspace } = await withSession(context, flags, async (session) => ({
    run: await session.promote(undefined, { confirm, failFast: flags.failFast ?? false, ...plan }),
    workspace: session.workspace,
  }));
  const findings = ownFindings(workspace);
  await tellTroubles(context.stderr, { findings, hostFailures: run.hostFailures, workspace });
  await context.stdout.write(receiptText(run, context, flags));
  if (!confirm) await context.stderr.write('dry run: nothing was written; add --confirm to promote\n');
  return [...findingOutcomes(findings), ...promoteOutcomes(run)];
}

async function readPlanFile(context: CliContext, file: string): Promise<string> {
  try {
    return await readFile(resolve(context.cwd, file), 'utf8');
  } catch (cause) {
    throw new CliError('CLI_FILE', `cannot read the plan ${file}: ${errorMessage(cause)}`, { cause });
  }
}

function receiptText({ receipts }: PromoteRun, context: CliContext, flags: PromoteFlags): string {
  const summary = addReceipts(receipts);
  if (flags.output === 'json') {
    return printJson({ formatVersion: FORMAT_VERSION, confirmed: flags.confirm ?? false, summary, projects: receipts });
  }
  const isOpen = receipts.some(({ edges }) => edges.some(({ outcome }) => OPEN.has(outcome)));
  const next = isOpen ? `promograph promote${treeArguments(flags)} --confirm` : undefined;
  if (flags.output === 'markdown') return renderReceiptMarkdown(receipts, next === undefined ? {} : { next });
  return renderReceiptText(receipts, textOptions(context.stdout, next));
}

/** Outcomes that another run may better. */
const OPEN: ReadonlySet<string> = new Set(['planned', 'failed', 'skipped']);
