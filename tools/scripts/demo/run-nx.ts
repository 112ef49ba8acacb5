// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { DemoFailure } from './demo-failure.ts';
import { runProgram } from './run-program.ts';

/** Where the demo runs, and which directory takes its caches. */
export interface DemoPlace {
  readonly repository: string;
  readonly scratchDir: string;
}

/** Runs the repository's own Nx, shows its output, and returns it. Error: `DemoFailure` when it does not answer 0. */
export async function runNx(place: DemoPlace, args: readonly string[]): Promise<string> {
  const script = join(place.repository, 'node_modules/.bin/nx');
  const { exitCode, output } = await runProgram({
    program: process.execPath,
    args: [script, ...args, '--output-style=static'],
    cwd: place.repository,
    env: demoEnvironment(place),
    isShown: true,
  });
  if (exitCode !== 0) throw new DemoFailure(`nx ${args.join(' ')} ended with ${exitCode}`);
  return output;
}

/** Nothing of an earlier run, of another cache or of a daemon may make the demo look better than it is. */
export function demoEnvironment({ scratchDir }: DemoPlace): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:NX_|PROMOGRAPH_|SIGSTORE_|COSIGN_)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
    NX_SKIP_LOG_GROUPING: 'true',
    NX_CACHE_DIRECTORY: join(scratchDir, 'nx-cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(scratchDir, 'nx-data'),
    XDG_STATE_HOME: join(scratchDir, 'state'),
    XDG_CACHE_HOME: join(scratchDir, 'cache'),
  };
}
