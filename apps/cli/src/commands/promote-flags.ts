// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import { outputOption, type ResultFormat } from '../output-option.ts';
import { addTreeFlags, type TreeFlags } from '../tree-flags.ts';

/** Flags of every command that promotes. */
export type PromoteFlags = TreeFlags & { output: ResultFormat; confirm?: true; plan?: string; failFast?: true };

/** Adds them. */
export function addPromoteFlags(command: Command): Command<[], PromoteFlags> {
  return addTreeFlags(command)
    .option('--confirm', 'write to the destinations')
    .option('--plan <file>', 'write nothing outside this plan (made by plan --output json); refuse when it is stale')
    .option('--fail-fast', 'start no further edge after the first failure')
    .addOption(outputOption());
}
