// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';
import { outputOption } from '../output-option.ts';
import { addTreeFlags, settleTree } from '../tree-flags.ts';

/** `promograph plan`. */
export function addPlanCommand(program: Command, run: CommandRun): void {
  addTreeFlags(program.command('plan'))
    .summary('say what is missing at the destinations')
    .description(
      'Reads what the registries hold of what the manifests name, and says what promote would do. Writes to no registry.',
    )
    .addOption(outputOption())
    .option('--all', 'show edges that are present, too')
    .option('--detailed-exitcode', 'answer 2 when changes are pending')
    .action(async (flags, command) => {
      const { runPlan } = await import('../run/run-plan.ts');
      run.finish(exitCodeOf(await runPlan(run.context, settleTree(flags, command))));
    });
}
