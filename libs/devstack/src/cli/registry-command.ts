// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from '@commander-js/extra-typings';
import type { RegistryOptions } from '../registry/registry-options.ts';
import { startRegistry } from '../registry/start-registry.ts';
import { parseWhole } from './parse-number.ts';
import { runUntilSignal } from './run-until-signal.ts';

/** The account of `--auth`: a secret would be a pretence on a registry that listens on loopback alone. */
const DEMO_USER = { username: 'devstack', password: 'devstack-password' } as const;

interface Flags {
  readonly port: number;
  readonly dir?: string | undefined;
  readonly listing: 'oci' | 'google';
  readonly auth?: 'basic' | 'bearer' | undefined;
  readonly rps?: number | undefined;
  readonly latency: number;
  readonly permissive?: true | undefined;
  readonly immutableTags?: true | undefined;
}

/** `registry`: an embedded registry until it is told to stop. */
export function registryCommand(): Command {
  const command = new Command('registry')
    .description('an OCI registry')
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', parseWhole, 0)
    .option('--dir <path>', 'directory of the content (default: a temporary one)')
    .addOption(
      new Option('--listing <kind>', 'style of tags/list').choices(['oci', 'google'] as const).default('oci' as const),
    )
    .addOption(new Option('--auth <kind>', 'ask for an account').choices(['basic', 'bearer'] as const))
    .option('--rps <number>', 'requests per second, then 429', parseWhole)
    .option('--latency <ms>', 'milliseconds before each answer', parseWhole, 0)
    .option('--permissive', 'validate nothing')
    .option('--immutable-tags', 'refuse to move a tag');
  return command.action(serve);
}

async function serve(flags: Flags): Promise<void> {
  const registry = await startRegistry(optionsOf(flags));
  const account = flags.auth === undefined ? {} : DEMO_USER;
  await runUntilSignal({ url: registry.url, ...account }, () => registry.close());
}

function optionsOf(flags: Flags): RegistryOptions {
  return {
    port: flags.port,
    listing: flags.listing,
    latencyMs: flags.latency,
    recordRequests: false,
    permissive: flags.permissive ?? false,
    immutableTags: flags.immutableTags ?? false,
    ...(flags.dir === undefined ? {} : { dir: flags.dir }),
    ...(flags.auth === undefined ? {} : { auth: { mode: flags.auth, users: [DEMO_USER] } }),
    ...(flags.rps === undefined ? {} : { requestsPerSecond: flags.rps }),
  };
}
