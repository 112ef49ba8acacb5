// SPDX-License-Identifier: Apache-2.0
import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Requests of one kind for a time, over some connections, one at a time on each. */
export interface TimedLoad {
  readonly port: number;
  readonly nextPath: () => string;
  /** Whole ones. */
  readonly seconds: number;
  readonly connections: number;
  /** Where files may be put. */
  readonly dir: string;
}

/** Requests that were redirected, and how fast. */
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
}

/** The core of servers; the load has the next. A scheduler that puts both on one halves the rate, now of one, now of the other. */
export const SERVER_CORE = 0;
const LOAD_CORE = 1;
/** More than any server here answers, so that a path is used once. */
const PATHS_PER_SECOND = 100_000;

/** Takes paths from a file: they are the same whatever makes the load. */
const SCRIPT = `
local requests, at = {}, 0
function init(args)
  for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format(nil, path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format('{"requests":%d,"us":%d,"failed":%d}', summary.requests, summary.duration, failed))
end
`;

/** Whether wrk (Debian package `wrk`) is there: it takes far less CPU than a generator in JavaScript. */
export const hasWrk: boolean = isInstalled('wrk');
/** Whether servers and load can be kept on cores of their own. */
export const hasCores: boolean = availableParallelism() > 1 && isInstalled('taskset');

/** What to put in front of a command that is to stay on one core; nothing where that cannot be had. */
export function onCore(core: number): readonly string[] {
  return hasCores ? ['taskset', '-c', String(core)] : [];
}

/** Sends requests with wrk. */
export async function sendWrkLoad({ port, nextPath, seconds, connections, dir }: TimedLoad): Promise<LoadResult> {
  const [script, paths] = [join(dir, 'load.lua'), join(dir, 'paths.txt')];
  writeFileSync(script, SCRIPT);
  writeFileSync(paths, Array.from({ length: PATHS_PER_SECOND * seconds }, nextPath).join('\n'));
  const load = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script];
  const headers = ['Host: registry.example', 'User-Agent: load', 'Accept: */*'].flatMap((header) => ['-H', header]);
  const command = [...onCore(LOAD_CORE), 'wrk', ...load, ...headers, `http://127.0.0.1:${port}`, '--', paths];
  const { stdout } = await promisify(execFile)('env', command);
  const line = stdout.split('\n').find((each) => each.startsWith('{')) ?? '{}';
  const { requests, us, failed } = JSON.parse(line) as { requests: number; us: number; failed: number };
  if (failed > 0) throw new Error(`${failed} of ${requests} requests failed`);
  return { requests, perSecond: (requests / us) * 1e6 };
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
