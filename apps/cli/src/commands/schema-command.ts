// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';

/** `promograph schema`. */
export function addSchemaCommand(program: Command, run: CommandRun): void {
  program
    .command('schema')
    .summary('print the JSON Schema of a file or artifact')
    .description('Prints a JSON Schema (draft-07) for editors and scripts; without a name, lists the names.')
    .argument('[name]', 'which schema')
    .action(async (name) => {
      const { runSchema } = await import('../run/run-schema.ts');
      run.finish(exitCodeOf(await runSchema(run.context, name)));
    });
}
