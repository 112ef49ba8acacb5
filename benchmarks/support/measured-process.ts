// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { median } from './benchmark-line.ts';

/** A program to be measured as a whole, its children included. */
export interface MeasuredCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are an answer. Default 0 alone. */
  readonly expect?: readonly number[];
  readonly cwd?: string;
}

/** What a process cost. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  /** Largest resident set of any process in it, 10^6 bytes. */
  readonly rssMb: number;
}

/** A process that ended. */
export interface MeasuredRun extends Cost {
  readonly stdout: string;
}

const TIME = '/usr/bin/time';
const LIMIT_MS = 300_000;

/** Runs the program under `time`. Throws with what it said when it answers something unexpected. */
export async function runMeasured({ command, args, cwd, env, expect = [0] }: MeasuredCall): Promise<MeasuredRun> {
  if (!existsSync(TIME)) throw new Error(`${TIME} is missing: apt-get install time`);
  const dir = mkdtempSync(join(tmpdir(), 'promograph-time-'));
  try {
    const report = join(dir, 'time');
    const start = performance.now();
    const options = {
      reject: false,
      timeout: LIMIT_MS,
      maxBuffer: 256 * 1024 * 1024,
      ...(cwd === undefined ? {} : { cwd }),
    };
    const format = ['-q', '-o', report, '-f', '%U %S %M'];
    const run = await execa(TIME, [...format, command, ...args], { ...options, env: { ...env } });
    const wallMs = performance.now() - start;
    if (!expect.includes(run.exitCode ?? -1)) {
      throw new Error(`${command} ${args.join(' ')} answered ${run.exitCode ?? 'nothing'}: ${run.stderr.slice(-2000)}`);
    }
    const [user = 0, system = 0, kibibytes = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
    return { wallMs, cpuMs: (user + system) * 1000, rssMb: (kibibytes * 1024) / 1e6, stdout: run.stdout };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The median of each number. */
export function medianCost(runs: readonly Cost[]): Cost {
  return {
    wallMs: median(runs.map(({ wallMs }) => wallMs)),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    rssMb: median(runs.map(({ rssMb }) => rssMb)),
  };
}
