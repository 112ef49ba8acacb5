// SPDX-License-Identifier: Apache-2.0
import { Command } from '@commander-js/extra-typings';
import { startFleet } from '../fleet/start-fleet.ts';
import { parseShare, parseWhole } from './parse-number.ts';
import { runUntilSignal } from './run-until-signal.ts';

interface Flags {
  readonly tree: string;
  readonly out: string;
  readonly port: number;
  readonly promoted: number;
  readonly plain?: true | undefined;
  readonly latency: number;
}

/** `fleet`: stand-ins of every registry host of a tree until it is told to stop. */
export function fleetCommand(): Command {
  const command = new Command('fleet')
    .description('in-memory stand-ins of the registry hosts of a manifest tree, one port each; reads only')
    .requiredOption('--tree <dir>', 'tree with manifests/ and images/')
    .requiredOption('--out <dir>', 'where the tree is written with the hosts replaced')
    .option('--port <number>', 'first port; 0 takes free ones', parseWhole, 0)
    .option('--promoted <share>', 'share of the edges that are there', parseShare, 0.95)
    .option('--plain', 'list tags as the OCI specification does, without the digest map')
    .option('--latency <ms>', 'milliseconds before each answer', parseWhole, 0);
  return command.action(serve);
}

async function serve(flags: Flags): Promise<void> {
  const fleet = await startFleet({
    treeDir: flags.tree,
    outDir: flags.out,
    basePort: flags.port,
    promotedShare: flags.promoted,
    listing: flags.plain ? 'plain' : 'google',
    latencyMs: flags.latency,
  });
  const { treeDir: tree, hosts, edges, present } = fleet;
  await runUntilSignal({ tree, hosts, edges, present }, () => fleet.close());
}
