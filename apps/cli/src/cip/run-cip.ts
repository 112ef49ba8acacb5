// SPDX-License-Identifier: Apache-2.0
import { dirname, resolve } from 'node:path';
import { baseForDate, baseForProw, type Session } from '@promograph/promoter';
import { type PromoteReceipt, planReport, renderPlanText, renderReceiptText } from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import { cipExitCodeOf, type Outcome } from '../exit-code.ts';
import { findingOutcomes, ownFindings, planOutcomes, promoteOutcomes } from '../run/run-outcomes.ts';
import { printSnapshot, wantedAt } from '../run/run-snapshot.ts';
import { tellTroubles } from '../run/tell-troubles.ts';
import { textOptions } from '../run/text-options.ts';
import { withProgress, withSession } from '../run/with-session.ts';
import { sessionOptions, type TreeFlags } from '../tree-flags.ts';
import { type CipDecision, type CipDiff, type CipTree, decideCip } from './cip-decision.ts';
import type { CipFlags, CipLogLevel } from './cip-flags.ts';

/** Levels at which only errors are told. */
const QUIET: readonly CipLogLevel[] = ['panic', 'fatal', 'error'];
/** Levels at which everything is told. */
const VERBOSE: readonly CipLogLevel[] = ['debug', 'trace'];

/** Runs one `cip` command line. Snapshots go to stdout; everything else, as the older tool's log did, to stderr. */
export async function runCip(context: CliContext, flags: CipFlags, inert: readonly string[]): Promise<number> {
  const decision = decideCip(flags);
  if (inert.length > 0 && !QUIET.includes(flags.logLevel)) {
    await context.stderr.write(`no effect until signing is available: ${inert.join(', ')}\n`);
  }
  return cipExitCodeOf(await carryOut({ context, logLevel: flags.logLevel }, decision));
}

interface CipRun {
  readonly context: CliContext;
  readonly logLevel: CipLogLevel;
}

function carryOut(run: CipRun, decision: CipDecision): Promise<readonly Outcome[]> {
  switch (decision.mode) {
    case 'snapshot':
      return snapshot(run, decision);
    case 'destination-snapshot':
      return destinationSnapshot(run, decision);
    case 'promotion':
      return promotion(run, decision);
  }
}

async function snapshot(
  { context, logLevel }: CipRun,
  { registry, tag, isMinimal, format }: CipDecision & { readonly mode: 'snapshot' },
): Promise<readonly Outcome[]> {
  const isVerbose = VERBOSE.includes(logLevel);
  const model = await withProgress(context, isVerbose, (progress) =>
    context.listRegistry(sessionOptions(context, { project: [] }, progress.onEvent), {
      registry,
      isMinimal,
      signal: context.signal,
      ...(tag === null ? {} : { tag }),
    }),
  );
  await context.stdout.write(printSnapshot(model, format, { trailingBlankLine: true }));
  return [];
}

async function destinationSnapshot(
  run: CipRun,
  { registry, tree, format }: CipDecision & { readonly mode: 'destination-snapshot' },
): Promise<readonly Outcome[]> {
  const { context } = run;
  const workspace = await withSession(context, treeFlags(run, tree), (session) => Promise.resolve(session.workspace));
  const findings = ownFindings(workspace);
  await tellTroubles(context.stderr, { findings, hostFailures: [], workspace });
  await context.stdout.write(printSnapshot(wantedAt(workspace, registry), format, { trailingBlankLine: true }));
  return findingOutcomes(findings);
}

async function promotion(
  run: CipRun,
  { tree, diff, upTo }: CipDecision & { readonly mode: 'promotion' },
): Promise<readonly Outcome[]> {
  const since = await baseOf(run.context, tree, diff);
  const flags = { ...treeFlags(run, tree), ...(since === null ? {} : { since }) };
  return withSession(run.context, flags, (session) =>
    upTo === 'promote' ? confirmed(run, session) : rehearsed(run, session, upTo),
  );
}

/** Reads and plans; `validate` adds the offline rules, whose findings a session has anyhow. */
async function rehearsed(
  { context, logLevel }: CipRun,
  session: Session,
  upTo: 'plan' | 'validate',
): Promise<readonly Outcome[]> {
  const run = await session.plan();
  if (upTo === 'validate') await session.validate();
  const findings = ownFindings(session.workspace);
  await tellTroubles(context.stderr, { findings, hostFailures: run.hostFailures, workspace: session.workspace });
  if (!QUIET.includes(logLevel)) {
    await context.stderr.write(renderPlanText(planReport(run.plans), textOptions(context.stderr, '')));
  }
  const outcomes = [...findingOutcomes(findings), ...planOutcomes(run)];
  return withoutLost(
    outcomes,
    run.plans.some(({ allLost }) => allLost),
  );
}

async function confirmed({ context, logLevel }: CipRun, session: Session): Promise<readonly Outcome[]> {
  const run = await session.promote(undefined, { confirm: true });
  const findings = ownFindings(session.workspace);
  await tellTroubles(context.stderr, { findings, hostFailures: run.hostFailures, workspace: session.workspace });
  if (!QUIET.includes(logLevel))
    await context.stderr.write(renderReceiptText(run.receipts, textOptions(context.stderr, '')));
  const isFailed = run.receipts.some(({ summary }) => summary.failed + summary.skipped > 0);
  return withoutLost([...findingOutcomes(findings), ...promoteOutcomes(run)], isFailed || run.receipts.some(isAllLost));
}

/** Two images or more, and not one of them at the source: a wrong registry name. */
function isAllLost({ edges, summary }: PromoteReceipt): boolean {
  const isNothingElse = summary.present === 0 && edges.every(({ outcome }) => outcome === 'lost');
  return isNothingElse && new Set(edges.map(({ digest }) => digest)).size > 1;
}

/** Single lost images were never a failure of `cip`; everything lost, or a failed copy, is. */
function withoutLost(outcomes: readonly Outcome[], isFailure: boolean): readonly Outcome[] {
  return isFailure ? [...outcomes, 'partial'] : outcomes.filter((outcome) => outcome !== 'partial');
}

function baseOf(context: CliContext, tree: CipTree, diff: CipDiff): Promise<string | null> {
  if (diff.kind === 'none') return Promise.resolve(null);
  if (diff.kind === 'prow') return Promise.resolve(baseForProw(context.env));
  return baseForDate({ dir: directoryOf(context, tree), env: context.env, signal: context.signal }, diff.since);
}

function directoryOf(context: CliContext, tree: CipTree): string {
  return resolve(context.cwd, 'treeDir' in tree ? tree.treeDir : dirname(tree.manifestFile));
}

function treeFlags({ logLevel }: CipRun, tree: CipTree): TreeFlags {
  const where = 'treeDir' in tree ? { manifests: tree.treeDir } : { manifest: tree.manifestFile };
  return { project: [], ...where, ...(VERBOSE.includes(logLevel) ? { verbose: true as const } : {}) };
}
