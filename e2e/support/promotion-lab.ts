// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProjectSpec, writeProject } from '@promograph/devstack';

/** What a run of the program left behind. */
export interface ProgramRun {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface RunningProgram {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<ProgramRun>;
}

const RUN_LIMIT_MS = 120_000;

/** The program under test; a run with a guard taken out names its own. */
export function programPath(): string {
  const ours = fileURLToPath(new URL('../../apps/cli/bin/promograph.js', import.meta.url));
  return process.env['PROMOGRAPH_E2E_PROGRAM'] ?? ours;
}

/** A tree in a directory of its own, and the program run on it. */
export class PromotionLab {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'promograph-e2e-'));
  /** Variables of the program besides those of every run. */
  readonly env: Record<string, string> = {};
  readonly #cleanups: (() => Promise<void>)[] = [];

  get tree(): string {
    return join(this.dir, 'tree');
  }

  /** Closed, last first, when the lab is. */
  keep<Closable extends { close(): Promise<void> }>(closable: Closable): Closable {
    this.#cleanups.push(() => closable.close());
    return closable;
  }

  write(path: string, text: string): void {
    const file = join(this.tree, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Writes a project that promotes from `hosts[0]` to the others; see `writeProject`. */
  project(name: string, hosts: readonly string[], images: ProjectSpec['images']): void {
    writeProject({ treeDir: this.tree, name, hosts, images });
  }

  start(...args: readonly string[]): RunningProgram {
    const own = { PATH: process.env['PATH'], HOME: this.dir, XDG_STATE_HOME: join(this.dir, 'state') };
    const env = { ...own, ...this.env };
    const child = spawn(process.execPath, [programPath(), ...args], { cwd: this.tree, env, timeout: RUN_LIMIT_MS });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    const ended = once(child, 'close').then(() => ({ exitCode: child.exitCode, ...output }));
    return { pid: child.pid ?? -1, kill: (signal) => child.kill(signal), ended };
  }

  run(...args: readonly string[]): Promise<ProgramRun> {
    return this.start(...args).ended;
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
