// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';
import { outputOption } from '../output-option.ts';
import { addTreeFlags, settleTree } from '../tree-flags.ts';

/** `promograph validate`. */
export function addValidateCommand(program: Command, run: CommandRun): void {
  addTreeFlags(program.command('validate'))
    .summary('check the manifests, and with --live what the gate says')
    .description(
      'Checks manifests, configuration and baseline, and tells every finding with its place. Where a gate is configured it also judges the evidence that an earlier snapshot named; with --live it reads the registries itself. Without a gate it connects to nothing.',
    )
    .option('--live', 'read the registries and run the gate on what is due')
    .addOption(outputOption())
    .option('--write-baseline', 'accept all present findings: write them to the baseline file')
    .action(async (flags, command) => {
      const { runValidate } = await import('../run/run-validate.ts');
      run.finish(exitCodeOf(await runValidate(run.context, settleTree(flags, command))));
    });
}
