// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { addCipPromotionFlags, addCipSigningFlags, bool, parseCount } from './cip-flags.ts';

/** `promograph cip`: the flags of `kpromo cip`, unchanged, and its subcommand of old. */
export function addCipCommand(program: Command, run: CommandRun): void {
  const cip = program
    .command('cip')
    .summary('promote with the flags of kpromo cip')
    .description(
      'Takes the flags of `kpromo cip` unchanged. Exit codes are 0 and 1, and 3 where it would sign and promograph.yaml does not say how.',
    )
    .allowExcessArguments();
  addCipSigningFlags(addCipPromotionFlags(cip)).action(async (flags) => {
    const { runCip } = await import('./run-cip.ts');
    run.finish(await runCip(run.context, flags));
  });
  addReplicateSignatures(cip, run);
}

function addReplicateSignatures(cip: Command, run: CommandRun): void {
  cip
    .command('replicate-signatures')
    .summary('copy signatures to the other destinations')
    .description('Copies the .sig and .att tags of every canonical repository to the other destinations.')
    .option('--thin-manifest-dir <dir>', 'directory of thin manifests', '')
    .option('--manifest <file>', 'one plain manifest', '')
    .addOption(bool('--confirm <bool>', 'do it; without it nothing is written').default(false))
    .addOption(bool('--referrers <bool>', 'copy bundle referrers too').default(false))
    .option('--max-signature-copies <number>', 'copies in flight at once', parseCount, 50)
    .action(async (_, command) => {
      const { runReplicateSignatures } = await import('./run-replicate-signatures.ts');
      // Flags that both know may stand before the subcommand's name, too.
      run.finish(await runReplicateSignatures(run.context, command.optsWithGlobals()));
    });
}
