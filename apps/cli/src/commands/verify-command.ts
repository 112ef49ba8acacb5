// SPDX-License-Identifier: Apache-2.0
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';
import { outputOption } from '../output-option.ts';
import { addTreeFlags, settleTree } from '../tree-flags.ts';

const EXAMPLES = `
Examples:
  promograph verify                                     the whole tree against the world
  promograph verify images.example.org/app:v1           one image, by tag or digest
  promograph verify --via images.example.org --since-days 7
  promograph verify --confirm                           sign and attest what lacks it and passes the gate`;

/** `promograph verify`. */
export function addVerifyCommand(program: Command, run: CommandRun): void {
  addTreeFlags(program.command('verify'))
    .summary('compare what is promoted with what is signed')
    .description(
      'Looks at every image of the tree, or at the references given, as whoever pulls it: is it there, signed by us, for this name, and recorded? Answers 4 for findings.',
    )
    .argument('[references...]', 'images to look at instead of the tree: host/path:tag or host/path@digest')
    .option('--since-days <number>', 'only images uploaded in the last days (the registry must tell when)', positive)
    .option('--via <host>', 'also look at everything through this host: the front door that users pull from')
    .option('--confirm', 'sign and attest what is unsigned and passes the gate, then look again')
    .addOption(outputOption())
    .addHelpText('after', EXAMPLES)
    .action(async (references, flags, command) => {
      const { runVerify } = await import('../run/run-verify.ts');
      run.finish(exitCodeOf(await runVerify(run.context, settleTree(flags, command), references)));
    });
}

function positive(text: string): number {
  const number = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new InvalidArgumentError('It takes a whole number from 1 on.');
  return number;
}
