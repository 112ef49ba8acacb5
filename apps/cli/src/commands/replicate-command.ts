// SPDX-License-Identifier: Apache-2.0
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';
import { outputOption } from '../output-option.ts';
import { addTreeFlags, settleTree } from '../tree-flags.ts';

/** `promograph replicate`. */
export function addReplicateCommand(program: Command, run: CommandRun): void {
  addTreeFlags(program.command('replicate'))
    .summary('copy signatures to the other destinations')
    .description(
      'Copies the signatures and attestations of every image from its canonical repository to its other destinations, for fleets whose users do not pull through a redirector. Without --confirm it is a dry run.',
    )
    .option('--confirm', 'write to the destinations')
    .option('--referrers', 'copy bundle referrers too, beside the .sig and .att tags (default: as configured)')
    .option('--max-copies <number>', 'copies in flight at once (default: as configured, else 50)', copies)
    .addOption(outputOption())
    .addHelpText('after', '\nExample:\n  promograph replicate --project app --confirm')
    .action(async (flags, command) => {
      const { runReplicate } = await import('../run/run-replicate.ts');
      run.finish(exitCodeOf(await runReplicate(run.context, settleTree(flags, command))));
    });
}

function copies(text: string): number {
  const number = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 1024) throw new InvalidArgumentError('It takes a whole number from 1 to 1024.');
  return number;
}
