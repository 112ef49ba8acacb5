// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '@promograph/manifest';
import type { HostFailure, Workspace } from '@promograph/promoter';
import { count, renderFindingsText } from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import { outcomeOfCode, remedyOfCode } from '../errors/error-catalogue.ts';
import { textOptions, treeDirectory } from './text-options.ts';

/** What is wrong around a result, and what was left out of it. */
export interface Troubles {
  readonly findings: readonly Finding[];
  readonly hostFailures: readonly HostFailure[];
  readonly workspace: Workspace;
}

/** Tells findings, hosts that could not be used, and what `--since` left out: one message each. */
export async function tellTroubles(context: Pick<CliContext, 'stderr' | 'cwd'>, troubles: Troubles): Promise<void> {
  const { stderr } = context;
  const { findings, hostFailures, workspace } = troubles;
  await stderr.write(renderFindingsText(findings, { ...textOptions(stderr), ...treeDirectory(context, workspace) }));
  for (const failure of hostFailures) await stderr.write(hostFailureText(failure));
  if (workspace.narrowed === null) return;
  const { ref, keptEdges, leftOutEdges } = workspace.narrowed;
  await stderr.write(`changed since ${ref}: ${count(keptEdges, 'edge')}; ${leftOutEdges} unchanged left out\n`);
}

function hostFailureText({ host, code, message, edges }: HostFailure): string {
  const lost = `  cost:  ${count(edges, 'edge')} could not be looked at`;
  const isBug = outcomeOfCode(code) === 'bug';
  const more = isBug ? '  this is a bug in promograph: please report it' : `  more:  promograph explain ${code}`;
  const remedy = remedyOfCode(code);
  const hint = remedy === null ? '' : `  hint:  ${remedy}\n`;
  return `promograph: ${host}: ${message}\n${lost}\n${hint}${more}\n`;
}
