// SPDX-License-Identifier: Apache-2.0
import { CommanderError } from '@commander-js/extra-typings';
import { isPromographError } from '@promograph/errors';
import { createRedirectorProgram } from './program.ts';
import { programVersion } from './program-version.ts';
import type { RedirectorContext } from './redirector-context.ts';

/** 0: done; 1: something broke; 3: wrong input. Those of `promograph`. */
export type RedirectorExitCode = 0 | 1 | 3;

const WRONG_INPUT = 3;

/** Runs a command line; never throws. */
export async function runRedirector(args: readonly string[], context: RedirectorContext): Promise<RedirectorExitCode> {
  try {
    await createRedirectorProgram(context, programVersion()).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_INPUT;
    if (!isPromographError(error)) {
      context.writeErr(
        `promograph-redirector: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      return 1;
    }
    const hint = error.hint === undefined ? '' : `${error.hint}\n`;
    context.writeErr(`promograph-redirector: ${error.code}\n${error.message}\n${hint}`);
    return error.code === 'REDIRECTOR_CANNOT_LISTEN' || error.code === 'REDIRECTOR_DOWNLOAD_FAILED' ? 1 : WRONG_INPUT;
  }
}
