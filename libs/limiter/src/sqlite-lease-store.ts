// SPDX-License-Identifier: Apache-2.0
import type { Clock } from './clock.ts';
import { DEFAULT_LEASE_TTL_MS } from './defaults.ts';
import { LeaseTable } from './lease-table.ts';
import { machineClock } from './machine-clock.ts';
import { PollingLeaseStore } from './polling-lease-store.ts';
import type { TagLeaseStore } from './tag-lease.ts';

/** Where the leases live and how long one lasts without renewal. */
export interface SqliteLeaseStoreOptions {
  /** Created with mode 0600 in a directory of mode 0700 when missing. */
  readonly file: string;
  /** Told to others that wait: for example `host:pid`. */
  readonly owner: string;
  /** Default 15 000 ms. A living holder renews its leases three times in that span. */
  readonly ttlMs?: number;
  /** Must be shared by all processes of the boot; default: the kernel's monotonic clock where it tells its boot. */
  readonly clock?: Clock;
  /** Names the boot that `clock` belongs to; rows of another boot count as expired. */
  readonly bootId?: string;
}

/** A lease store that holds a file open until it is closed; closing lets go what is still held. */
export interface SqliteLeaseStore extends TagLeaseStore {
  close(): void;
}

/**
 * Tag leases for every process of this machine that names the same file. Errors: `LEASE_STORE_UNUSABLE` when the file
 * cannot be opened, `LEASE_HELD` when others have held the lease for two lives on end.
 */
export function createSqliteLeaseStore(options: SqliteLeaseStoreOptions): SqliteLeaseStore {
  const machine = machineClock();
  const clock = options.clock ?? machine;
  const rows = new LeaseTable(options.file, { now: () => clock.now(), boot: options.bootId ?? machine.bootId });
  const { owner, ttlMs = DEFAULT_LEASE_TTL_MS } = options;
  const store = new PollingLeaseStore({ rows, scope: 'machine', owner, ttlMs, clock });
  return {
    scope: 'machine',
    acquire: (reference, digest, signal) => store.acquire(reference, digest, signal),
    close: () => {
      void store.releaseAll();
      rows.close();
    },
  };
}
