// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import type { CliContext } from './cli-context.ts';
import { EXIT_CODES } from './exit-code.ts';
import { runCli } from './run-cli.ts';
import { listenForInterruption } from './terminal/interruption.ts';
import { textOutput } from './terminal/text-output.ts';
import { holdYoungSpace } from './young-space.ts';

/** The program: runs this process's command line and ends the process with its exit code. */
export async function main(): Promise<void> {
  const interruption = listenForInterruption(process, {
    now: () => performance.now(),
    onFirst: (name) => {
      process.exitCode = EXIT_CODES.interrupted;
      process.stderr.write(`promograph: ${name}: finishing what is under way; a second signal exits at once\n`);
    },
    exitNow: () => process.exit(EXIT_CODES.interrupted),
  });
  let releaseYoungSpace = (): void => undefined;
  const context: CliContext = {
    env: process.env,
    cwd: process.cwd(),
    homeDir: homedir(),
    stdout: textOutput(process.stdout),
    stderr: textOutput(process.stderr),
    signal: interruption.signal,
    openSession: async (options) => {
      const { openSession } = await import('@promograph/promoter');
      // All code is loaded: what is made from here on is mostly short-lived.
      releaseYoungSpace = holdYoungSpace();
      return openSession(options);
    },
    listRegistry: async (options, request) => (await import('@promograph/promoter')).listRegistry(options, request),
  };
  const exitCode = await runCli(process.argv.slice(2), context);
  releaseYoungSpace();
  interruption.dispose();
  // Everything was written and awaited; a connection that someone left open must not keep the caller waiting.
  process.exit(exitCode);
}
