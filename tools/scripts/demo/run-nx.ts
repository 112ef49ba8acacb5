// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DemoFailure } from './demo-failure.ts';

const LIMIT_MS = 60_000;

/** Where Nx runs, and which directory takes its caches. */
export interface NxPlace {
  readonly repository: string;
  readonly scratchDir: string;
}

/** Runs the repository's own Nx, shows its output, and returns it. Error: `DemoFailure` when it does not answer 0. */
export async function runNx(place: NxPlace, args: readonly string[]): Promise<string> {
  const script = join(place.repository, 'node_modules/.bin/nx');
  const child = spawn(process.execPath, [script, ...args, '--output-style=static'], {
    cwd: place.repository,
    env: environmentOf(place),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  const show = (chunk: Buffer): void => {
    chunks.push(chunk);
    process.stdout.write(chunk);
  };
  child.stdout.on('data', show);
  child.stderr.on('data', show);
  const endChild = (): void => void child.kill('SIGTERM');
  process.once('exit', endChild);
  const timer = setTimeout(endChild, LIMIT_MS);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  clearTimeout(timer);
  process.removeListener('exit', endChild);
  if (exitCode !== 0) throw new DemoFailure(`nx ${args.join(' ')} ended with ${exitCode}`);
  return Buffer.concat(chunks).toString('utf8');
}

/** Nothing of an earlier run, of another cache or of a daemon may make the demo look better than it is. */
function environmentOf({ scratchDir }: NxPlace): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:NX_|PROMOGRAPH_)/.test(name));
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
