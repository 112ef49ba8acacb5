// SPDX-License-Identifier: Apache-2.0
import type { TreeFlags } from '../tree-flags.ts';

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
