// SPDX-License-Identifier: Apache-2.0
import { type Command, Option } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';
import { addTreeFlags, settleTree } from '../tree-flags.ts';

/** `promograph snapshot`. */
export function addSnapshotCommand(program: Command, run: CommandRun): void {
  addTreeFlags(program.command('snapshot'))
    .summary('list what a registry holds, or what the manifests would put there')
    .description(
      'Lists the images, digests and tags of a registry (host or host/prefix), or of what the manifests would put in one.',
    )
    .argument('[registry]', 'registry to read: host or host/prefix')
    .option('--destination <registry>', 'list what the manifests would put in this destination; reads no registry')
    .option('--tag <tag>', 'only digests that have this tag')
    .option('--minimal', 'leave out untagged digests that belong to an index')
    .addOption(
      new Option('--output <format>', 'form of the result on stdout')
        .choices(['yaml', 'csv', 'json'] as const)
        .default('yaml' as const),
    )
    .action(async (registry, flags, command) => {
      const { runSnapshot } = await import('../run/run-snapshot.ts');
      run.finish(exitCodeOf(await runSnapshot(run.context, { ...settleTree(flags, command), registry })));
    });
}
