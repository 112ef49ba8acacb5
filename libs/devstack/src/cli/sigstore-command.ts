// SPDX-License-Identifier: Apache-2.0
import { Command } from '@commander-js/extra-typings';
import { startSigstore } from '../sigstore/start-sigstore.ts';
import { parseWhole } from './parse-number.ts';
import { runUntilSignal } from './run-until-signal.ts';

interface Flags {
  readonly port: number;
  readonly dir: string;
}

/** `sigstore`: all services of a private sigstore until it is told to stop. */
export function sigstoreCommand(): Command {
  const command = new Command('sigstore')
    .description('OIDC issuer, Fulcio, Rekor v1 and v2, time-stamping authority and TUF mirror, all on one port')
    .requiredOption('--dir <path>', 'directory for trusted root, signing configurations and PEM files')
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', parseWhole, 0)
    .addHelpText('after', '\nThe token lives for an hour; GET <oidc>/token?email=NAME&audience=sigstore mints others.');
  return command.action(serve);
}

async function serve(flags: Flags): Promise<void> {
  const sigstore = await startSigstore({ port: flags.port, dir: flags.dir });
  const { url, tsaUrl, tufUrl, files } = sigstore;
  const ready = {
    url,
    oidc: url,
    fulcio: url,
    rekor: url,
    rekorV2: url,
    tsa: tsaUrl,
    trustedRoot: files.trustedRoot,
    signingConfig: files.signingConfig,
    signingConfigRekorV2: files.signingConfigRekorV2,
    tufMirror: tufUrl,
    tufRoot: files.tufRoot,
    token: sigstore.token(),
  };
  await runUntilSignal(ready, () => sigstore.close());
}
