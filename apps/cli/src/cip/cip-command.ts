// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { addCipPromotionFlags, addCipSigningFlags, CIP_INERT_FLAGS } from './cip-flags.ts';

/** `promograph cip`: the flags of `kpromo cip`, unchanged. */
export function addCipCommand(program: Command, run: CommandRun): void {
  const cip = program
    .command('cip')
    .summary('promote with the flags of kpromo cip')
    .description(
      'Takes the flags of `kpromo cip` unchanged. Exit codes are 0 and 1, and 3 for what is not available yet.',
    )
    .allowExcessArguments();
  addCipSigningFlags(addCipPromotionFlags(cip)).action(async (flags, command) => {
    const inert = command.options.filter(
      (option) =>
        CIP_INERT_FLAGS[option.long ?? ''] !== undefined &&
        command.getOptionValueSource(option.attributeName()) === 'cli',
    );
    const { runCip } = await import('./run-cip.ts');
    run.finish(
      await runCip(
        run.context,
        flags,
        inert.map((option) => option.long ?? ''),
      ),
    );
  });
}
