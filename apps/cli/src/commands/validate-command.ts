// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';
import { outputOption } from '../output-option.ts';
import { addTreeFlags, settleTree } from '../tree-flags.ts';

/** `promograph validate`. */
export function addValidateCommand(program: Command, run: CommandRun): void {
  addTreeFlags(program.command('validate'))
    .summary('check the manifests without any network')
    .description(
      'Checks manifests, configuration and baseline, and tells every finding with its place. Connects to nothing.',
    )
    .addOption(outputOption())
    .option('--write-baseline', 'accept all present findings: write them to the baseline file')
    .action(async (flags, command) => {
      const { runValidate } = await import('../run/run-validate.ts');
      run.finish(exitCodeOf(await runValidate(run.context, settleTree(flags, command))));
    });
}
