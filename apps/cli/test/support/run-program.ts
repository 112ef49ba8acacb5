// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The program as users start it. */
export const PROGRAM: string = fileURLToPath(new URL('../../bin/promograph.js', import.meta.url));

/** How the program is started. */
export interface ProgramOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What came of a run. */
export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run that is under way. */
export interface StartedProgram {
  readonly child: ChildProcess;
  readonly result: Promise<ProgramResult>;
}

/** Starts the real program with this Node. */
export function startProgram(argv: readonly string[], { cwd, env }: ProgramOptions): StartedProgram {
  const child = spawn(process.execPath, [PROGRAM, ...argv], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  }
  const result = new Promise<ProgramResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...texts }));
  });
  return { child, result };
}

/** Runs the real program to its end. */
export function runProgram(argv: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  return startProgram(argv, options).result;
}
