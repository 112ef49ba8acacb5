// SPDX-License-Identifier: Apache-2.0
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openStoreFile } from './store-file.ts';

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

  constructor(file: string) {
    this.#database = openStoreFile(file, SCHEMA);
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
