// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorMessage } from '@promograph/errors';
import type { PromoteRun, PromoteStage, Workspace } from '@promograph/promoter';
import { addReceipts, FORMAT_VERSION, printJson, renderReceiptMarkdown, renderReceiptText } from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import type { PromoteFlags } from '../commands/promote-flags.ts';
import type { Outcome } from '../exit-code.ts';
import { promotionCommand, treeArguments } from './next-command.ts';
import { findingOutcomes, ownFindings, promoteOutcomes } from './run-outcomes.ts';
import { tellTroubles } from './tell-troubles.ts';
import { textOptions, treeDirectory } from './text-options.ts';
import { withSession } from './with-session.ts';

/** A command that promotes, and how far it takes each digest. */
export interface PromoteVerb {
  readonly verb: 'promote' | 'sign' | 'attest' | 'run';
  readonly through: PromoteStage;
}

/** Flags of one promotion; `scope` is of those that sign. */
export type ChainFlags = PromoteFlags & { readonly scope?: 'run' | 'present' };

/** Promotes, or says what promoting would do, and prints the receipts. */
export async function runPromote(
  context: CliContext,
  flags: ChainFlags,
  verb: PromoteVerb,
): Promise<readonly Outcome[]> {
  const confirm = flags.confirm ?? false;
  const options = {
    confirm,
    failFast: flags.failFast ?? false,
    through: verb.through,
    ...(flags.scope === undefined ? {} : { scope: flags.scope }),
    ...(flags.plan === undefined ? {} : { plan: await readPlanFile(context, flags.plan) }),
  };
  const { run, workspace } = await withSession(context, flags, async (session) => ({
    run: await session.promote(undefined, options),
    workspace: session.workspace,
  }));
  const findings = ownFindings(workspace);
  await tellTroubles(context, { findings, hostFailures: run.hostFailures, workspace });
  const next = nextCommand(run, { verb, flags, workspace });
  await context.stdout.write(runText(run, { context, flags, next, workspace }));
  if (!confirm) await context.stderr.write(`dry run: nothing was written; add --confirm to ${verb.verb}\n`);
  return [...findingOutcomes(findings), ...promoteOutcomes(run)];
}

async function readPlanFile(context: CliContext, file: string): Promise<string> {
  try {
    return await readFile(resolve(context.cwd, file), 'utf8');
  } catch (cause) {
    throw new CliError('CLI_FILE', `cannot read the plan ${file}: ${errorMessage(cause)}`, { cause });
  }
}

interface RunPrinting {
  readonly context: CliContext;
  readonly flags: ChainFlags;
  readonly next: string | undefined;
  readonly workspace: Workspace;
}

function runText(run: PromoteRun, { context, flags, next, workspace }: RunPrinting): string {
  const { receipts, trust, gate } = run;
  if (flags.output === 'json') {
    return printJson({
      formatVersion: FORMAT_VERSION,
      confirmed: flags.confirm ?? false,
      summary: addReceipts(receipts),
      projects: receipts,
      ...(trust.length === 0 ? {} : { trust }),
      ...(gate === null ? {} : { gate }),
    });
  }
  if (flags.output === 'markdown') {
    return renderReceiptMarkdown(receipts, { gate, trust, ...(next === undefined ? {} : { next }) });
  }
  const layout = { ...textOptions(context.stdout, next), ...treeDirectory(context, workspace) };
  return renderReceiptText(receipts, { ...layout, gate, trust });
}

interface Again {
  readonly verb: PromoteVerb;
  readonly flags: ChainFlags;
  readonly workspace: Workspace;
}

/** The same command for real, or again, or the plan that tells what was refused. One that was only tried, and publishes without signing, gives way to `run`. */
function nextCommand(run: PromoteRun, { verb: { verb }, flags, workspace }: Again): string | undefined {
  const projects = openProjects(run);
  if (projects.length === 0) {
    const { refused, lost } = addReceipts(run.receipts);
    return refused + lost > 0 ? `promograph plan${treeArguments(flags)}` : undefined;
  }
  const { scope, plan, confirm } = flags;
  const again = verb === 'promote' && confirm !== true ? {} : { verb };
  return promotionCommand(flags, { workspace, projects, scope, plan, ...again });
}

/** Outcomes that another run may better. */
const OPEN: ReadonlySet<string> = new Set(['planned', 'failed', 'skipped']);

/** Projects with an edge or a digest that another run may better. */
function openProjects({ receipts, trust }: PromoteRun): readonly string[] {
  const open = [
    ...receipts.filter(({ edges }) => edges.some(({ outcome }) => OPEN.has(outcome))),
    ...trust.filter(({ digests }) => digests.some(({ outcome }) => OPEN.has(outcome))),
  ];
  return open.map(({ project }) => project);
}
