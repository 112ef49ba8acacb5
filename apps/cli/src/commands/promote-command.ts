// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';
import { outputOption } from '../output-option.ts';
import { addTreeFlags, settleTree } from '../tree-flags.ts';

/** `promograph promote`. */
export function addPromoteCommand(program: Command, run: CommandRun): void {
  addTreeFlags(program.command('promote'))
    .summary('copy and tag what is missing')
    .description(
      'Derives the plan from live reads and, with --confirm, copies and tags exactly that. Without --confirm it is a dry run.',
    )
    .option('--confirm', 'write to the destinations')
    .option('--plan <file>', 'write nothing outside this plan (made by plan --output json); refuse when it is stale')
    .option('--fail-fast', 'start no further edge after the first failure')
    .addOption(outputOption())
    .action(async (flags, command) => {
      const { runPromote } = await import('../run/run-promote.ts');
      run.finish(exitCodeOf(await runPromote(run.context, settleTree(flags, command))));
    });
}
