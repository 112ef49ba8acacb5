// SPDX-License-Identifier: Apache-2.0
import { CommanderError } from '@commander-js/extra-typings';
import { CIP_BOOLEAN_FLAGS } from './cip/cip-flags.ts';
import { expandGoBooleans } from './cip/go-flags.ts';
import { refuseRemoved } from './cip/removed-flags.ts';
import type { CliContext } from './cli-context.ts';
import { cipExitCodeOf, EXIT_CODES, exitCodeOf } from './exit-code.ts';
import { createProgram } from './program.ts';
import { programVersion } from './program-version.ts';

/** Runs one command line (without the program's name) and returns its exit code. Never throws. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const isCip = argv[0] === 'cip';
  const toExitCode = isCip ? cipExitCodeOf : exitCodeOf;
  const written: { readonly to: 'stdout' | 'stderr'; readonly text: string }[] = [];
  let exitCode: number = EXIT_CODES.done;
  const program = createProgram({
    run: { context, finish: (code) => (exitCode = code) },
    version: programVersion(),
    writeOut: (text) => written.push({ to: 'stdout', text }),
    writeErr: (text) => written.push({ to: 'stderr', text }),
  });
  try {
    if (isCip) refuseRemoved(argv.slice(1));
    await program.parseAsync(isCip ? expandGoBooleans(argv, CIP_BOOLEAN_FLAGS) : argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      exitCode = toExitCode([error.exitCode === 0 ? 'done' : 'input']);
    } else {
      // The catalogue of errors is loaded where it is needed: most runs have none.
      const { outcomeOfError } = await import('./errors/error-catalogue.ts');
      const { errorText } = await import('./errors/error-text.ts');
      exitCode = toExitCode([outcomeOfError(error)]);
      await context.stderr.write(context.signal.aborted ? INTERRUPTED : errorText(error, isVerbose(argv, context)));
    }
  }
  for (const { to, text } of written) await context[to].write(text);
  return context.signal.aborted ? EXIT_CODES.interrupted : exitCode;
}

/** What fails after an interruption fails because of it. */
const INTERRUPTED = 'promograph: interrupted: what was done is kept; run again to resume\n';

function isVerbose(argv: readonly string[], context: CliContext): boolean {
  return argv.includes('--verbose') || /^(?:1|true|yes|on)$/i.test(context.env['PROMOGRAPH_VERBOSE'] ?? '');
}
