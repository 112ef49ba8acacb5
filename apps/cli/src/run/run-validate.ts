// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorMessage } from '@promograph/errors';
import { BASELINE_FILE, printBaseline, readBaseline } from '@promograph/manifest';
import type { Workspace } from '@promograph/promoter';
import {
  addGates,
  type GateReport,
  printJson,
  renderValidateMarkdown,
  renderValidateText,
  type ValidateReport,
  validateReport,
} from '@promograph/report';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../cli-context.ts';
import type { Outcome } from '../exit-code.ts';
import type { ResultFormat } from '../output-option.ts';
import type { TreeFlags } from '../tree-flags.ts';
import { treeArguments } from './next-command.ts';
import { findingOutcomes, gateOutcomes, ownFindings } from './run-outcomes.ts';
import { textOptions, treeDirectory } from './text-options.ts';
import { withSession } from './with-session.ts';

/** Flags of `validate`. */
export type ValidateFlags = TreeFlags & { output: ResultFormat; live?: true; writeBaseline?: true };

/** Validates and prints every finding and verdict; with `--write-baseline` accepts the findings and validates again. */
export async function runValidate(context: CliContext, flags: ValidateFlags): Promise<readonly Outcome[]> {
  if (flags.writeBaseline !== true) return printValidation(context, flags, await validated(context, flags));
  const named = flags.baseline === undefined ? null : resolve(context.cwd, flags.baseline);
  // A baseline that is to be made cannot be read yet.
  const { baseline: _, live: __, ...withoutBaseline } = flags;
  const isThere = named === null || existsSync(named);
  const baseline = flags.baseline === undefined || !isThere ? {} : { baseline: flags.baseline };
  const { workspace: before } = await validated(context, { ...withoutBaseline, ...baseline });
  await writeBaseline(context, named ?? resolve(before.root, BASELINE_FILE), before);
  return printValidation(context, flags, await validated(context, flags));
}

interface Validated {
  readonly workspace: Workspace;
  readonly gate: GateReport | null;
}

function validated(context: CliContext, flags: ValidateFlags): Promise<Validated> {
  return withSession(context, flags, async (session) => {
    const reports = await session.validate(undefined, { live: flags.live ?? false });
    return { workspace: session.workspace, gate: addGates(reports.flatMap(({ gate }) => gate ?? [])) };
  });
}

async function printValidation(
  context: CliContext,
  flags: ValidateFlags,
  { workspace, gate }: Validated,
): Promise<readonly Outcome[]> {
  const findings = ownFindings(workspace);
  const projects = [...workspace.projects, ...workspace.brokenProjects];
  const report = validateReport(findings, { projects, ...(gate === null ? {} : { gate }) });
  await context.stdout.write(validationText(report, { context, flags, workspace }));
  return [...findingOutcomes(findings), ...gateOutcomes(gate)];
}

interface ValidationPrinting {
  readonly context: CliContext;
  readonly flags: ValidateFlags;
  readonly workspace: Workspace;
}

function validationText(report: ValidateReport, { context, flags, workspace }: ValidationPrinting): string {
  if (flags.output === 'json') return printJson(report);
  const refused = report.gate?.digests.find((digest) => digest.refused !== undefined)?.refused;
  const isPassed = report.summary.errors === 0 && refused === undefined;
  const next = isPassed ? `promograph plan${treeArguments(flags)}` : refused && `promograph explain ${refused.code}`;
  if (flags.output === 'markdown') return renderValidateMarkdown(report, next === undefined ? {} : { next });
  return renderValidateText(report, { ...textOptions(context.stdout, next), ...treeDirectory(context, workspace) });
}

/**
 * The findings of the whole tree are accepted, whatever projects are selected, and acknowledged lost images stay: entries
 * that this validation did not look for must not get lost.
 */
async function writeBaseline(context: CliContext, file: string, workspace: Workspace): Promise<void> {
  const previous = existsSync(file) ? await readBaseline(workspace.root, file) : null;
  try {
    await writeFile(file, printBaseline(workspace.findings, previous));
  } catch (cause) {
    throw new CliError('CLI_FILE', `cannot write the baseline ${file}: ${errorMessage(cause)}`, { cause });
  }
  await context.stderr.write(`wrote ${file}\n`);
}
