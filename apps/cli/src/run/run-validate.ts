// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorMessage } from '@promograph/errors';
import { BASELINE_FILE, printBaseline } from '@promograph/manifest';
import type { Workspace } from '@promograph/promoter';
import {
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
import { findingOutcomes, ownFindings } from './run-outcomes.ts';
import { textOptions } from './text-options.ts';
import { withSession } from './with-session.ts';

/** Flags of `validate`. */
export type ValidateFlags = TreeFlags & { output: ResultFormat; writeBaseline?: true };

/** Validates offline and prints every finding; with `--write-baseline` accepts what is there and validates again. */
export async function runValidate(context: CliContext, flags: ValidateFlags): Promise<readonly Outcome[]> {
  const before = await validated(context, flags);
  if (flags.writeBaseline !== true) return printValidation(context, flags, before);
  await writeBaseline(context, flags, before);
  return printValidation(context, flags, await validated(context, flags));
}

function validated(context: CliContext, flags: ValidateFlags): Promise<Workspace> {
  return withSession(context, flags, async (session) => {
    await session.validate();
    return session.workspace;
  });
}

async function printValidation(
  context: CliContext,
  flags: ValidateFlags,
  workspace: Workspace,
): Promise<readonly Outcome[]> {
  const findings = ownFindings(workspace);
  const projects = [...workspace.projects, ...workspace.brokenProjects];
  await context.stdout.write(validationText(validateReport(findings, { projects }), context, flags));
  return findingOutcomes(findings);
}

function validationText(report: ValidateReport, context: CliContext, flags: ValidateFlags): string {
  if (flags.output === 'json') return printJson(report);
  const next = report.summary.errors === 0 ? `promograph plan${treeArguments(flags)}` : undefined;
  if (flags.output === 'markdown') return renderValidateMarkdown(report, next === undefined ? {} : { next });
  return renderValidateText(report, textOptions(context.stdout, next));
}

/** The findings of the whole tree are accepted, whatever projects are selected: entries of others must not get lost. */
async function writeBaseline(context: CliContext, flags: ValidateFlags, workspace: Workspace): Promise<void> {
  const file =
    flags.baseline === undefined ? resolve(workspace.root, BASELINE_FILE) : resolve(context.cwd, flags.baseline);
  try {
    await writeFile(file, printBaseline(workspace.findings));
  } catch (cause) {
    throw new CliError('CLI_FILE', `cannot write the baseline ${file}: ${errorMessage(cause)}`, { cause });
  }
  await context.stderr.write(`wrote ${file}\n`);
}
