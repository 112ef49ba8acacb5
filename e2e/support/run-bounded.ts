// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';

/** A program, its arguments and how long it may take. */
export interface BoundedCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly limitMs: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What came of it; the exit code is 124 when the time ran out. */
export interface BoundedResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a program while showing its output, keeps the output too, and ends its whole process group when time is up. */
export async function runBounded({ command, args, limitMs, env }: BoundedCall): Promise<BoundedResult> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const endGroup = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group has ended already.
    }
  };
  const chunks: Buffer[] = [];
  for (const [from, to] of [[child.stdout, process.stdout] as const, [child.stderr, process.stderr] as const]) {
    from.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      to.write(chunk);
    });
  }
  process.once('exit', endGroup);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    endGroup();
  }, limitMs);
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      chunks.push(Buffer.from(String(error)));
      resolve(127);
    });
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  clearTimeout(timer);
  endGroup();
  process.removeListener('exit', endGroup);
  return { exitCode: isLate ? 124 : exitCode, output: Buffer.concat(chunks).toString('utf8') };
}
