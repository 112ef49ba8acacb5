// SPDX-License-Identifier: Apache-2.0
import { hasErrors } from '@promograph/manifest';
import { findingsOn, type Workspace } from '@promograph/promoter';
import type { TreeFlags } from '../tree-flags.ts';

/** What is open, and how it is to be done. */
export interface OpenWork {
  readonly workspace: Workspace;
  /** Projects with something to do, among those that the flags select. */
  readonly projects: readonly string[];
  /** The command to repeat; without one it is that which goes as far as the tree does. */
  readonly verb?: 'promote' | 'sign' | 'attest' | 'run';
  readonly scope?: 'run' | 'present' | undefined;
  /** File of the plan that nothing may be written outside of. */
  readonly plan?: string | undefined;
}

/**
 * The command that does what is open, for real: it signs where the tree signs. A project with errors is refused whole: where
 * there is no other, the command is the one that tells them.
 */
export function promotionCommand(flags: TreeFlags, { workspace, projects, verb, scope, plan }: OpenWork): string {
  const isRefused = (project: string): boolean => hasErrors(findingsOn(workspace.findings, project));
  if (projects.every(isRefused)) return `promograph validate${treeArguments(flags)}`;
  const command = verb ?? (workspace.config.signing === null ? 'promote' : 'run');
  const limits = `${plan === undefined ? '' : ` --plan ${shellWord(plan)}`}${scope === 'present' ? ' --scope present' : ''}`;
  return `promograph ${command}${treeArguments(flags)}${limits} --confirm`;
}

/** The flags that name the tree and what of it, as they would be typed again; empty when there are none. */
export function treeArguments(flags: TreeFlags): string {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['--manifests', flags.manifests],
    ['--manifest', flags.manifest],
    ...flags.project.map((project) => ['--project', project] as const),
    ['--since', flags.since],
    ['--state-dir', flags.stateDir],
    ['--config', flags.config],
    ['--baseline', flags.baseline],
  ];
  return given.flatMap(([flag, value]) => (value === undefined ? [] : [` ${flag} ${shellWord(value)}`])).join('');
}

/** The word as a shell reads it back. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,~^-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
