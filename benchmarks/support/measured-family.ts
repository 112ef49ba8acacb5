// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { execa } from 'execa';

/** A program whose children are to be measured one by one. */
export interface FamilyCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Its whole environment: nothing is added. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a process and everything below it cost. */
export interface FamilyRun {
  readonly exitCode: number;
  /** Both streams together. */
  readonly output: string;
  readonly wallMs: number;
  /** User and system time of all of them, as last seen: up to one interval of each is missing. */
  readonly cpuMs: number;
  /** Peak resident set of the process itself and of the largest below it, 10^6 bytes. */
  readonly ownRssMb: number;
  readonly childRssMb: number;
  /** Processes seen, the first included. */
  readonly processes: number;
}

interface Seen {
  readonly cpuMs: number;
  readonly rssMb: number;
}

const INTERVAL_MS = 50;
const LIMIT_MS = 10 * 60_000;
const MS_PER_TICK = 10;

/** Runs a program and looks at it and its descendants in `/proc` while it runs. Linux only. */
export async function runFamily({ command, args, cwd, env }: FamilyCall): Promise<FamilyRun> {
  const start = performance.now();
  const options = { cwd, env, extendEnv: false, reject: false, all: true, timeout: LIMIT_MS } as const;
  const child = execa(command, args, { ...options, maxBuffer: 256 * 1024 * 1024 });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} did not start`);
  const seen = new Map<number, Seen>();
  const timer = setInterval(() => look(pid, seen), INTERVAL_MS);
  try {
    const { exitCode, all, timedOut } = await child;
    if (timedOut) throw new Error(`${command} ${args.join(' ')} did not end in time: ${all.slice(-2000)}`);
    return { exitCode: exitCode ?? -1, output: all, wallMs: performance.now() - start, ...sumUp(pid, seen) };
  } finally {
    clearInterval(timer);
  }
}

function sumUp(
  pid: number,
  seen: ReadonlyMap<number, Seen>,
): Pick<FamilyRun, 'cpuMs' | 'ownRssMb' | 'childRssMb' | 'processes'> {
  const children = [...seen].filter(([each]) => each !== pid).map(([, { rssMb }]) => rssMb);
  return {
    cpuMs: [...seen.values()].reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    ownRssMb: seen.get(pid)?.rssMb ?? 0,
    childRssMb: Math.max(0, ...children),
    processes: seen.size,
  };
}

/** Takes note of a process and of all below it; those that are gone keep what was seen last. */
function look(pid: number, seen: Map<number, Seen>): void {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    const [, kibibytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    // A process that has ended and waits to be collected has no memory any more.
    const rssMb = kibibytes === undefined ? (seen.get(pid)?.rssMb ?? 0) : (Number(kibibytes) * 1024) / 1e6;
    seen.set(pid, { cpuMs: (Number(user) + Number(system)) * MS_PER_TICK, rssMb });
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    for (const child of children.trim().split(' ')) if (child !== '') look(Number(child), seen);
  } catch {
    // It ended between two looks.
  }
}
