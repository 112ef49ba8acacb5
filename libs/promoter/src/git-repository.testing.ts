// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GitPlace } from './git-command.ts';

/** A git repository in a temporary directory, for tests. */
export class GitRepository implements Disposable {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'promograph-git-'));
  readonly place: GitPlace = { dir: this.dir, env: { PATH: process.env['PATH'], HOME: this.dir } };

  constructor() {
    this.git('init', '--quiet', '--initial-branch=main');
  }

  git(...args: string[]): string {
    const env = { ...this.place.env, GIT_CONFIG_NOSYSTEM: '1' };
    return execFileSync('git', args, {
      cwd: this.dir,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  write(path: string, text: string): void {
    const file = join(this.dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Commits everything, optionally at a date, and returns the commit. */
  commit(date = '2026-01-15T12:00:00Z'): string {
    this.git('add', '--all');
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
    execFileSync('git', [...identity, 'commit', '--quiet', '--allow-empty', '-m', 'change'], {
      cwd: this.dir,
      env: { ...this.place.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    });
    return this.git('rev-parse', 'HEAD');
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
