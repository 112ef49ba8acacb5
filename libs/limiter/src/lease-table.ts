// SPDX-License-Identifier: Apache-2.0
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LeaseClaim, LeaseHolder, LeaseRows } from './lease-rows.ts';
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

/** What times in the rows are measured with. */
export interface LeaseTime {
  readonly now: () => number;
  /** Names the boot that `now` belongs to. */
  readonly boot: string;
}

/** The lease rows in SQLite. Each change is one atomic statement, so processes cannot interleave within it. */
export class LeaseTable implements LeaseRows {
  readonly #time: LeaseTime;
  readonly #database: DatabaseSync;
  readonly #take: StatementSync;
  readonly #renew: StatementSync;
  readonly #drop: StatementSync;
  readonly #holder: StatementSync;

  constructor(file: string, time: LeaseTime) {
    this.#time = time;
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

  take(claim: LeaseClaim, ttlMs: number): boolean {
    const now = this.#time.now();
    const row = { ...claim, boot: this.#time.boot, expires: now + ttlMs, now };
    return Number(this.#take.run(row).changes) === 1;
  }

  renew(reference: string, token: string, ttlMs: number): void {
    this.#renew.run(this.#time.now() + ttlMs, reference, token);
  }

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
