// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What a program answered. */
export interface ProgramResult {
  readonly exitCode: number;
  readonly output: string;
}

/** A program of `node_modules/.bin`, where to run it, and how. */
export interface ProgramCall {
  readonly root: string;
  /** JavaScript file below `node_modules`. */
  readonly script: string;
  readonly args: readonly string[];
}

/** Runs one of the installed tools with this Node and collects both of its output streams. */
export async function runProgram(call: ProgramCall): Promise<ProgramResult> {
  const script = join(call.root, 'node_modules', call.script);
  const child = spawn(process.execPath, [script, ...call.args], { cwd: call.root, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  return { exitCode, output: Buffer.concat(chunks).toString('utf8') };
}
