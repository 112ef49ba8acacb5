// SPDX-License-Identifier: Apache-2.0
import { relative } from 'node:path';
import type { Workspace } from '@promograph/promoter';
import type { TextOptions } from '@promograph/report';
import type { CliContext, TextOutput } from '../cli-context.ts';

/** Layout of text for an output: its columns and colours; `next` replaces the command that a report suggests. */
export function textOptions(output: TextOutput, next?: string): TextOptions {
  return {
    colour: output.hasColour,
    ...(output.columns === null ? {} : { width: output.columns }),
    ...(next === undefined ? {} : { next }),
  };
}

/** Where the tree is from the working directory, so that its files can be opened from there. */
export function treeDirectory({ cwd }: Pick<CliContext, 'cwd'>, { root }: Pick<Workspace, 'root'>): TextOptions {
  return { directory: relative(cwd, root) };
}
