// SPDX-License-Identifier: Apache-2.0
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { BudgetStore } from './budget-store.ts';
import { freshState, type HostState, noteRefusal, returnSlots, shiftState, takeSlots } from './host-state.ts';
import { machineClock } from './machine-clock.ts';
import { openStoreFile } from './store-file.ts';

const SCHEMA = `
  create table if not exists budget_1 (
    subject text primary key,
    boot    text not null,
    at      real not null,
    wall    real not null,
    state   text not null
  ) strict, without rowid`;

/** Where the budgets live and how their time passes. */
export interface SqliteBudgetStoreOptions {
  /** Created with mode 0600 in a directory of mode 0700 when missing. */
  readonly file: string;
  /** Milliseconds on a scale that all processes of a boot share; default: the kernel's monotonic clock. */
  readonly now?: () => number;
  /** Names the boot that `now` belongs to. */
  readonly bootId?: string;
  /** Milliseconds since the epoch: carries long windows over a restart of the machine. */
  readonly wallMs?: () => number;
}

/**
 * Budgets of every process of this machine that names the same file: one short transaction for each batch of slots. What a
 * killed process had begun is undone by SQLite. Error: `LEASE_STORE_UNUSABLE` when the file cannot be opened.
 */
export function createSqliteBudgetStore(options: SqliteBudgetStoreOptions): BudgetStore {
  const table = new BudgetTable(options);
  return {
    scope: 'machine',
    take: (subject, asking) => table.change(subject, (state, now) => takeSlots(state, now, asking)),
    refuse: (subject, refusal) => table.change(subject, (state, now) => noteRefusal(state, now, refusal)),
    giveBack: (subject, { limits, ...back }) => table.change(subject, (state) => returnSlots(state, limits, back)),
    check: () => table.check(),
    close: async () => table.close(),
  };
}

class BudgetTable {
  readonly #database: DatabaseSync;
  readonly #read: StatementSync;
  readonly #write: StatementSync;
  readonly #now: () => number;
  readonly #wallMs: () => number;
  readonly #boot: string;

  constructor(options: SqliteBudgetStoreOptions) {
    const machine = machineClock();
    this.#now = options.now ?? ((): number => machine.now());
    this.#boot = options.bootId ?? machine.bootId;
    this.#wallMs = options.wallMs ?? Date.now;
    this.#database = openStoreFile(options.file, SCHEMA);
    this.#read = this.#database.prepare('select boot, at, wall, state from budget_1 where subject = ?');
    this.#write = this.#database.prepare(`
      insert into budget_1 (subject, boot, at, wall, state) values (?, ?, ?, ?, ?) on conflict (subject)
      do update set boot = excluded.boot, at = excluded.at, wall = excluded.wall, state = excluded.state`);
  }

  /** Runs `change` on the state that all share; nobody else sees it in between. */
  change<T>(subject: string, change: (state: HostState, now: number) => T): T {
    this.#database.exec('begin immediate');
    try {
      // Read within the transaction: whoever waited for it must not act on the time before.
      const now = this.#now();
      const state = this.#stateOf(subject, now);
      const result = change(state, now);
      this.#write.run(subject, this.#boot, now, this.#wallMs(), JSON.stringify(state));
      this.#database.exec('commit');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback');
      throw error;
    }
  }

  /** Fails where the file cannot be written. */
  check(): void {
    this.#database.exec('begin immediate');
    this.#database.exec('rollback');
  }

  close(): void {
    this.#database.close();
  }

  #stateOf(subject: string, now: number): HostState {
    const row = this.#read.get(subject);
    if (row === undefined) return freshState();
    const state = JSON.parse(String(row['state'])) as HostState;
    const at = Number(row['at']);
    if (row['boot'] !== this.#boot || at > now) {
      // Another boot counts from elsewhere: the wall clock tells how much time went by.
      const elapsed = row['boot'] === this.#boot ? 0 : Math.max(0, this.#wallMs() - Number(row['wall']));
      shiftState(state, now - elapsed - at);
    }
    return state;
  }
}
