// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';

/** `promograph explain`. */
export function addExplainCommand(program: Command, run: CommandRun): void {
  program
    .command('explain')
    .summary('explain a finding or error code')
    .description(
      'Says what a code of a finding or an error means, why it happens and what to do; without a code, lists all.',
    )
    .argument('[code]', 'code as printed, such as tag-move or REGISTRY_UNAUTHORIZED')
    .action(async (code) => {
      const { runExplain } = await import('../run/run-explain.ts');
      run.finish(exitCodeOf(await runExplain(run.context, code)));
    });
}
