// SPDX-License-Identifier: Apache-2.0
import { CliError } from '../cli-error.ts';

const CREDENTIALS =
  'credentials come from the docker configuration, credential helpers or application default credentials';
const PROVENANCE = 'write a `provenance:` section into the promoter-manifest.yaml of the project';

/** What took the place of each flag that the older tool had once: one line each. */
const REMOVED_FLAGS: Readonly<Record<string, string>> = {
  '--key-files': CREDENTIALS,
  '--use-service-account': CREDENTIALS,
  '--snapshot-service-account': CREDENTIALS,
  '--json-log-summary': 'use `promograph promote --output json`',
  '--signer-init-signing-credentials': 'the identity that signs is set in promograph.yaml',
  '--max-signature-copies': 'it belongs to `cip replicate-signatures`',
  '--use-legacy-pipeline': 'there is one pipeline',
  '--require-provenance': PROVENANCE,
  '--allowed-builders': PROVENANCE,
  '--allowed-source-repos': PROVENANCE,
  '--generate-promotion-provenance': 'promotion records are written when a digest is attested',
};

/** A subcommand that is back, with a flag that is removed elsewhere. */
const REPLICATION = 'replicate-signatures';

/** Refuses the first removed flag in `argv`, naming its replacement. Error: `CLI_USAGE`. */
export function refuseRemoved(argv: readonly string[]): void {
  const isReplication = argv.includes(REPLICATION);
  for (const argument of argv) {
    if (argument === '--') return;
    const name = argument.replace(/=.*$/s, '');
    if (isReplication && name === '--max-signature-copies') continue;
    const flag = Object.hasOwn(REMOVED_FLAGS, name) ? REMOVED_FLAGS[name] : undefined;
    if (flag !== undefined) throw new CliError('CLI_USAGE', `${name} was removed: ${flag}`);
  }
}
