// SPDX-License-Identifier: Apache-2.0
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LimiterError } from './limiter-error.ts';

/** How long SQLite waits for another process's statement; each takes well under a millisecond. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens the database that every process of a user shares: leases, budgets and tokens, each in a table of its own. Created for
 * its owner alone. Error: `LEASE_STORE_UNUSABLE`.
 */
export function openStoreFile(file: string, schema: string): DatabaseSync {
  try {
    makePrivateFile(file);
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    whenNotBusy(() => database.exec('pragma journal_mode = wal; pragma synchronous = normal'));
    whenNotBusy(() => database.exec(schema));
    return database;
  } catch (cause) {
    throw new LimiterError('LEASE_STORE_UNUSABLE', `cannot use the store ${file}`, {
      cause,
      hint: 'Name another state directory, or delete the file while no promotion runs.',
    });
  }
}

/** Creates the file for its owner alone; SQLite gives its side files the same mode. */
function makePrivateFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

/**
 * Without a write-ahead log each change would cost two disk flushes; a crash of the machine may lose the last ones. Two
 * processes that switch a new file to it at once: SQLite refuses one of them without waiting.
 */
function whenNotBusy(run: () => void): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return run();
    } catch (error) {
      if (attempt === 20 || !isBusy(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 * attempt);
    }
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
