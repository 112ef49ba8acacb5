// SPDX-License-Identifier: Apache-2.0
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LimiterError } from './limiter-error.ts';

const SCHEMA = `
  create table if not exists tag_lease (
    reference text primary key,
    digest    text not null,
    owner     text not null,
    token     text not null,
    boot      text not null,
    expires   real not null
  ) strict, without rowid`;

/** One row to be written; `expires` is on the clock of the boot that `boot` names. */
export interface LeaseRow {
  readonly reference: string;
  readonly digest: string;
  readonly owner: string;
  readonly token: string;
  readonly boot: string;
  readonly expires: number;
}

/** The holder of a lease, as another process sees it. */
export interface LeaseHolder {
  readonly owner: string;
  readonly digest: string;
}

/** The lease rows in SQLite. Each change is one atomic statement, so processes cannot interleave within it. */
export class LeaseTable {
  readonly #database: DatabaseSync;
  readonly #take: StatementSync;
  readonly #renew: StatementSync;
  readonly #drop: StatementSync;
  readonly #holder: StatementSync;

  constructor(file: string, busyTimeoutMs: number) {
    try {
      makePrivateFile(file);
      this.#database = new DatabaseSync(file, { timeout: busyTimeoutMs });
      useWriteAheadLog(this.#database);
      this.#database.exec(SCHEMA);
      // A row of another boot is dead: no process lives through a restart of its machine.
      this.#take = this.#database.prepare(`
        insert into tag_lease (reference, digest, owner, token, boot, expires)
        values (:reference, :digest, :owner, :token, :boot, :expires)
        on conflict (reference) do update set
          digest = excluded.digest, owner = excluded.owner, token = excluded.token,
          boot = excluded.boot, expires = excluded.expires
        where tag_lease.expires <= :now or tag_lease.boot <> excluded.boot`);
      this.#renew = this.#database.prepare('update tag_lease set expires = ? where reference = ? and token = ?');
      this.#drop = this.#database.prepare('delete from tag_lease where reference = ? and token = ?');
      this.#holder = this.#database.prepare('select owner, digest from tag_lease where reference = ?');
    } catch (cause) {
      throw new LimiterError('LEASE_STORE_UNUSABLE', `cannot use the lease store ${file}`, {
        cause,
        hint: 'Name another state directory, or delete the file while no promotion runs.',
      });
    }
  }

  /** Whether the row is ours now: it was free, or the one before had expired at `now`. */
  take(row: LeaseRow, now: number): boolean {
    return Number(this.#take.run({ ...row, now }).changes) === 1;
  }

  /** Extends a row that is still ours. */
  renew(reference: string, token: string, expires: number): void {
    this.#renew.run(expires, reference, token);
  }

  /** Removes a row if it is still ours. */
  drop(reference: string, token: string): void {
    this.#drop.run(reference, token);
  }

  holder(reference: string): LeaseHolder | null {
    const row = this.#holder.get(reference);
    return row === undefined ? null : { owner: String(row['owner']), digest: String(row['digest']) };
  }

  close(): void {
    this.#database.close();
  }
}

/** Creates the file for its owner alone; SQLite gives its side files the same mode. */
function makePrivateFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

/** Without a write-ahead log each lease would cost two disk flushes. A crash of the machine may lose rows; their holders died with it. */
function useWriteAheadLog(database: DatabaseSync): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.exec('pragma journal_mode = wal; pragma synchronous = normal');
      return;
    } catch (error) {
      // Two processes that switch a new file at once: SQLite refuses one of them without waiting.
      if (attempt === 20 || !isBusy(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 * attempt);
    }
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
