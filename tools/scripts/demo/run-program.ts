// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { DemoFailure } from './demo-failure.ts';

const LIMIT_MS = 60_000;

/** A program, its arguments and its surroundings. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether its output is shown as it comes. */
  readonly isShown: boolean;
}

/** What a program said. */
export interface ProgramAnswer {
  readonly exitCode: number;
  /** stdout and stderr in the order in which they came. */
  readonly output: string;
}

/** Runs a program to its end, or for a minute. Error: `DemoFailure` when it cannot be started. */
export async function runProgram({ program, args, cwd, env, isShown }: ProgramCall): Promise<ProgramAnswer> {
  const child = spawn(program, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  const take = (chunk: Buffer): void => {
    chunks.push(chunk);
    if (isShown) process.stdout.write(chunk);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const endChild = (): void => void child.kill('SIGTERM');
  process.once('exit', endChild);
  const timer = setTimeout(endChild, LIMIT_MS);
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    return { exitCode, output: Buffer.concat(chunks).toString('utf8') };
  } catch (cause) {
    throw new DemoFailure(`${program} cannot be run`, { cause });
  } finally {
    clearTimeout(timer);
    process.removeListener('exit', endChild);
  }
}
