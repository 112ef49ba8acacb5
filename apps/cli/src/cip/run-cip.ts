// SPDX-License-Identifier: Apache-2.0
import { dirname, resolve } from 'node:path';
import { baseForDate, baseForProw, type PromoteStage, type Session } from '@promograph/promoter';
import {
  addGates,
  planReport,
  type PromoteReceipt,
  renderGateText,
  renderPlanText,
  renderReceiptText,
} from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import { cipExitCodeOf, type Outcome } from '../exit-code.ts';
import { findingOutcomes, gateOutcomes, ownFindings, planOutcomes, promoteOutcomes } from '../run/run-outcomes.ts';
import { printSnapshot, wantedAt } from '../run/run-snapshot.ts';
import { tellTroubles } from '../run/tell-troubles.ts';
import { textOptions } from '../run/text-options.ts';
import { type SessionFlags, withProgress, withSession } from '../run/with-session.ts';
import { sessionOptions, type TreeFlags } from '../tree-flags.ts';
import { type CipDecision, type CipDiff, type CipTree, decideCip } from './cip-decision.ts';
import type { CipFlags, CipLogLevel, CipSigningFlags } from './cip-flags.ts';
import { cipSettings } from './cip-settings.ts';

/** Levels at which only errors are told. */
const QUIET: readonly CipLogLevel[] = ['panic', 'fatal', 'error'];
/** Levels at which everything is told. */
const VERBOSE: readonly CipLogLevel[] = ['debug', 'trace'];

/** Runs one `cip` command line. Snapshots go to stdout; everything else, as the older tool's log did, to stderr. */
export async function runCip(context: CliContext, flags: CipFlags): Promise<number> {
  return cipExitCodeOf(await carryOut({ context, logLevel: flags.logLevel, flags }, decideCip(flags)));
}

interface CipRun {
  readonly context: CliContext;
  readonly logLevel: CipLogLevel;
  readonly flags: CipSigningFlags;
}

function carryOut(run: CipRun, decision: CipDecision): Promise<readonly Outcome[]> {
  switch (decision.mode) {
    case 'snapshot':
      return snapshot(run, decision);
    case 'destination-snapshot':
      return destinationSnapshot(run, decision);
    case 'promotion':
      return promotion(run, decision);
    case 'scan':
      return scan(run, decision);
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
  await tellTroubles(context, { findings, hostFailures: [], workspace });
  await context.stdout.write(printSnapshot(wantedAt(workspace, registry), format, { trailingBlankLine: true }));
  return findingOutcomes(findings);
}

async function promotion(
  run: CipRun,
  { tree, diff, upTo }: CipDecision & { readonly mode: 'promotion' },
): Promise<readonly Outcome[]> {
  const since = await baseOf(run.context, tree, diff);
  const signs = upTo === 'attest';
  const flags: SessionFlags = {
    ...treeFlags(run, tree),
    ...(since === null ? {} : { since }),
    settings: (configured) => cipSettings({ flags: run.flags, signs, scan: null }, configured),
  };
  return withSession(run.context, flags, (session) =>
    upTo === 'promote' || upTo === 'attest' ? confirmed(run, session, upTo) : rehearsed(run, session, upTo),
  );
}

/** Only scans: whatever is found, nothing is promoted. */
async function scan(
  run: CipRun,
  { tree, diff, threshold }: CipDecision & { readonly mode: 'scan' },
): Promise<readonly Outcome[]> {
  const since = await baseOf(run.context, tree, diff);
  const flags: SessionFlags = {
    ...treeFlags(run, tree),
    ...(since === null ? {} : { since }),
    settings: (configured) => cipSettings({ flags: run.flags, signs: false, scan: threshold }, configured),
  };
  return withSession(run.context, flags, async (session) => {
    if (threshold !== null) return judged(run, session);
    await tell(run, 'nothing is scanned without --confirm and a severity from 1 on\n');
    return rehearsed(run, session, 'plan');
  });
}

/** Asks the gate, live, and tells what it says. */
async function judged(run: CipRun, session: Session): Promise<readonly Outcome[]> {
  const reports = await session.validate(undefined, { live: true });
  const gate = addGates(reports.flatMap((report) => report.gate ?? []));
  if (gate !== null) await tell(run, renderGateText(gate, textOptions(run.context.stderr)));
  return [...findingOutcomes(ownFindings(session.workspace)), ...gateOutcomes(gate)];
}

async function tell({ context, logLevel }: CipRun, text: string): Promise<void> {
  if (!QUIET.includes(logLevel)) await context.stderr.write(text);
}

/** Reads and plans; `validate` adds what the gate says. */
async function rehearsed(cip: CipRun, session: Session, upTo: 'plan' | 'validate'): Promise<readonly Outcome[]> {
  const { stderr } = cip.context;
  const run = await session.plan();
  const findings = ownFindings(session.workspace);
  await tellTroubles(cip.context, { findings, hostFailures: run.hostFailures, workspace: session.workspace });
  await tell(cip, renderPlanText(planReport(run.plans), textOptions(stderr, '')));
  const verdict = upTo === 'validate' ? await judged(cip, session) : [];
  const outcomes = [...findingOutcomes(findings), ...planOutcomes(run), ...verdict];
  return withoutLost(
    outcomes,
    run.plans.some(({ allLost }) => allLost),
  );
}

async function confirmed(cip: CipRun, session: Session, through: PromoteStage): Promise<readonly Outcome[]> {
  const { stderr } = cip.context;
  const run = await session.promote(undefined, { confirm: true, through });
  const findings = ownFindings(session.workspace);
  await tellTroubles(cip.context, { findings, hostFailures: run.hostFailures, workspace: session.workspace });
  const { gate, trust } = run;
  await tell(cip, renderReceiptText(run.receipts, { ...textOptions(stderr, ''), gate, trust }));
  const isFailed =
    run.receipts.some(({ summary }) => summary.failed + summary.skipped > 0) ||
    run.trust.some(({ summary }) => summary.failed + summary.skipped > 0);
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

function treeFlags({ logLevel }: Pick<CipRun, 'logLevel'>, tree: CipTree): TreeFlags {
  const where = 'treeDir' in tree ? { manifests: tree.treeDir } : { manifest: tree.manifestFile };
  return { project: [], ...where, ...(VERBOSE.includes(logLevel) ? { verbose: true as const } : {}) };
}
