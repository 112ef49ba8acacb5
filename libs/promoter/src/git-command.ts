// SPDX-License-Identifier: Apache-2.0
import { execFile, type ExecFileException } from 'node:child_process';
import { redactText } from '@promograph/errors';
import { PromoterError } from './promoter-error.ts';

/** Most output that one git command may give, bytes: the listing of a tree of some hundred thousand files. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** How long git may take, milliseconds. It reads local objects only. */
const TIMEOUT_MS = 60_000;

/**
 * Options that keep git from starting programs that the repository's own configuration names: a pull request's
 * configuration is never executed.
 */
export const SAFE_GIT_OPTIONS: readonly string[] = [
  '--no-pager',
  '--no-replace-objects',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  // A partial clone would fetch what is missing, with the transport that its configuration names.
  '-c',
  'protocol.allow=never',
];

/** Environment for git: no prompts, no locks, no lazy fetch of a partial clone (which would run a configured transport). */
export function gitEnvironment(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return { ...env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' };
}

/** Where a git command runs, and what may stop it. */
export interface GitPlace {
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** Runs git without a shell and returns its output. Error: `PROMOTER_GIT` with what git said. */
export function runGit(place: GitPlace, args: readonly string[]): Promise<string> {
  const { dir, env, signal } = place;
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      [...SAFE_GIT_OPTIONS, ...args],
      {
        cwd: dir,
        env: gitEnvironment(env),
        maxBuffer: MAX_OUTPUT_BYTES,
        timeout: TIMEOUT_MS,
        windowsHide: true,
        ...(signal && { signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(signal?.aborted === true ? signal.reason : gitError(error, args[0] ?? '', stderr));
      },
    );
  });
}

/** Refuses what git could take for an option, a path or a range. Error: `PROMOTER_GIT`. */
export function checkRef(ref: string): void {
  // eslint rules aside, git itself forbids these in ref names; `^`, `~` and `@{...}` stay usable.
  if (ref !== '' && !ref.startsWith('-') && !/[\s:?*[\\]|\.\.|\p{Cc}/u.test(ref)) return;
  throw new PromoterError('PROMOTER_GIT', `not a git ref: ${JSON.stringify(ref)}`, {
    hint: 'Name a branch, a tag or a commit, such as origin/main or HEAD^.',
  });
}

function gitError(error: ExecFileException, command: string, stderr: string): PromoterError {
  if (error.code === 'ENOENT') {
    return new PromoterError('PROMOTER_GIT', 'git is not installed or not in PATH', { cause: error });
  }
  const said = redactText(stderr.trim().split('\n')[0] ?? '');
  const why =
    error.killed === true
      ? `no answer within ${TIMEOUT_MS / 1000} s`
      : said === ''
        ? 'it failed without a message'
        : said;
  return new PromoterError('PROMOTER_GIT', `git ${command}: ${why}`, {
    hint: 'Check that the directory is in a git repository and that enough history was fetched.',
  });
}
