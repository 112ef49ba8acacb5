// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';

/** Versions of Nx that the plugin is tried on, one of each major version that it supports. */
export const NX_VERSIONS = ['22.6.1', '23.2.1', '24.0.6'] as const;

/** Exit code and everything that a command wrote, both streams together. */
export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

/** A workspace of its own outside the repository, with Nx and the packed plugin installed. */
export interface NxWorkspace {
  readonly dir: string;
  /** Environment of its commands: no daemon, no cloud, caches and state in directories of its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly nx: (...args: readonly string[]) => Promise<CommandResult>;
  readonly git: (...args: readonly string[]) => Promise<CommandResult>;
  readonly write: (file: string, text: string) => void;
  readonly remove: () => void;
}

const INSTALL_TIMEOUT_MS = 240_000;
const COMMAND_TIMEOUT_MS = 90_000;
const IGNORED = ['node_modules/', '.nx/', '.state/', '.home/'];

/** Installs `nx` of that version and the archives into a new directory; the plugin is registered by its own generator. */
export async function createNxWorkspace(nxVersion: string, archives: readonly string[]): Promise<NxWorkspace> {
  const dir = mkdtempSync(join(tmpdir(), `promograph-nx-${nxVersion}-`));
  const workspace = describeWorkspace(dir);
  workspace.write('package.json', '{ "name": "fresh", "version": "0.0.0", "private": true }\n');
  workspace.write('nx.json', '{ "analytics": false, "neverConnectToCloud": true, "defaultBase": "main" }\n');
  workspace.write('.gitignore', `${IGNORED.join('\n')}\n`);
  await execa('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `nx@${nxVersion}`, ...archives], {
    cwd: dir,
    timeout: INSTALL_TIMEOUT_MS,
  });
  const init = await workspace.nx('generate', '@promograph/nx:init');
  if (init.exitCode !== 0) throw new Error(`init failed: ${init.output}`);
  return workspace;
}

/** The same workspace once more, in a new directory, without anything that Nx keeps of runs. */
export function copyNxWorkspace({ dir }: NxWorkspace): NxWorkspace {
  const copy = mkdtempSync(join(tmpdir(), 'promograph-nx-copy-'));
  const kept = ['.nx', '.state', '.home', '.promo'];
  const filter = (source: string): boolean => dirname(source) !== dir || !kept.includes(basename(source));
  cpSync(dir, copy, { recursive: true, verbatimSymlinks: true, filter });
  return describeWorkspace(copy);
}

function describeWorkspace(dir: string): NxWorkspace {
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: join(dir, '.home'),
    XDG_STATE_HOME: join(dir, '.state'),
    NX_CACHE_DIRECTORY: join(dir, '.nx', 'cache'),
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  const run = async (command: string, args: readonly string[]): Promise<CommandResult> => {
    // The environment of the test run stays outside: it names other caches, and a CI's own output style.
    const options = { cwd: dir, env, extendEnv: false, reject: false, all: true, timeout: COMMAND_TIMEOUT_MS } as const;
    const { exitCode, all, timedOut } = await execa(command, args, options);
    if (timedOut) throw new Error(`${command} ${args.join(' ')} did not end in time: ${all}`);
    return { exitCode: exitCode ?? -1, output: all };
  };
  return {
    dir,
    env,
    nx: (...args) => run(join(dir, 'node_modules', '.bin', 'nx'), args),
    git: (...args) => run('git', ['-c', 'user.name=e2e', '-c', 'user.email=e2e@example.org', ...args]),
    write: (file, text) => {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), text);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Names of the tasks that Nx took from its cache, sorted. */
export function cachedTasks(output: string): readonly string[] {
  const hits = output.matchAll(/nx run (\S+?)\b(?=[^\S\n]).*\[(?:local cache|existing outputs match the cache)/g);
  return [...new Set([...hits].map((hit) => hit[1] ?? ''))].sort();
}
