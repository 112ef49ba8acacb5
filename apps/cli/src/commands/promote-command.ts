// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';
import { settleTree } from '../tree-flags.ts';
import { addPromoteFlags } from './promote-flags.ts';

/** `promograph promote`. */
export function addPromoteCommand(program: Command, run: CommandRun): void {
  addPromoteFlags(program.command('promote'))
    .summary('copy and tag what is missing')
    .description(
      'Derives the plan from live reads, asks the gate, and with --confirm copies and tags exactly what passes. Without --confirm it is a dry run. Signs nothing: where the tree signs, use run.',
    )
    .action(async (flags, command) => {
      const { runPromote } = await import('../run/run-promote.ts');
      run.finish(
        exitCodeOf(await runPromote(run.context, settleTree(flags, command), { verb: 'promote', through: 'promote' })),
      );
    });
}
