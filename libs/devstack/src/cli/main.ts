// SPDX-License-Identifier: Apache-2.0
import { Command } from '@commander-js/extra-typings';
import { isPromographError } from '@promograph/errors';
import { fleetCommand } from './fleet-command.ts';
import { registryCommand } from './registry-command.ts';
import { sigstoreCommand } from './sigstore-command.ts';

/** The devstack by hand: each command runs one part in the foreground until SIGINT or SIGTERM. */
const program = new Command('devstack')
  .description('Starts one part of the devstack; prints one JSON line when it is ready.')
  .addCommand(registryCommand())
  .addCommand(fleetCommand())
  .addCommand(sigstoreCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!isPromographError(error)) throw error;
  const hint = error.hint === undefined ? '' : ` ${error.hint}`;
  process.stderr.write(`devstack: ${error.message}.${hint}\n`);
  process.exitCode = 1;
}
