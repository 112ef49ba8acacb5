// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorMessage } from '@promograph/errors';
import { PromoterError } from './promoter-error.ts';

/**
 * Makes this the only process that promotes `project` in this state directory, until `release` or the process's end: the
 * lock is an open SQLite transaction, which the operating system ends with its owner, so it can never be left behind.
 * Error: `PROMOTER_LOCKED`, naming who holds it.
 */
export function lockProject(stateDir: string, project: string): { release(): void } {
  const dir = join(stateDir, project);
  const ownerFile = join(dir, 'lock.owner');
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dir, { recursive: true });
    database = new DatabaseSync(join(dir, 'lock.sqlite'));
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    writeFileSync(ownerFile, `process ${process.pid} on ${hostname()}`);
  } catch (cause) {
    database?.close();
    throw lockError(project, cause, ownerFile);
  }
  const held = database;
  return { release: () => held.close() };
}

function lockError(project: string, cause: unknown, ownerFile: string): PromoterError {
  const isHeld = /database is locked/.test(errorMessage(cause));
  if (!isHeld) {
    return new PromoterError('PROMOTER_STATE', `cannot lock ${project}: ${errorMessage(cause)}`, {
      cause,
      hint: 'Name a writable directory with --state-dir DIR.',
    });
  }
  return new PromoterError('PROMOTER_LOCKED', `${project} is being promoted by ${ownerOf(ownerFile)}`, {
    hint: 'Wait for it, or use another --state-dir; the lock ends with its process.',
    retryable: true,
  });
}

function ownerOf(ownerFile: string): string {
  try {
    return readFileSync(ownerFile, 'utf8');
  } catch {
    return 'another process';
  }
}
