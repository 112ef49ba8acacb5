// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { DEFAULT_LEASE_TTL_MS } from './defaults.ts';
import { LeaseTable } from './lease-table.ts';
import { LimiterError } from './limiter-error.ts';
import { machineClock } from './machine-clock.ts';
import { pause } from './pause.ts';
import type { TagLease, TagLeaseStore } from './tag-lease.ts';

/** Shortest and longest sleep between two looks at a lease that another holds. */
const POLL_MS = { least: 10, most: 200 } as const;

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
  return new Store(options);
}

class Store implements SqliteLeaseStore {
  readonly scope = 'machine';
  readonly #table: LeaseTable;
  readonly #owner: string;
  readonly #ttlMs: number;
  readonly #clock: Clock;
  readonly #boot: string;
  /** Token to reference of what this store holds. */
  readonly #held = new Map<string, string>();
  #stopRenewal: (() => void) | null = null;

  constructor(options: SqliteLeaseStoreOptions) {
    const machine = machineClock();
    this.#table = new LeaseTable(options.file);
    this.#owner = options.owner;
    this.#ttlMs = options.ttlMs ?? DEFAULT_LEASE_TTL_MS;
    this.#clock = options.clock ?? machine;
    this.#boot = options.bootId ?? machine.bootId;
  }

  async acquire(reference: string, digest: string, signal?: AbortSignal): Promise<TagLease> {
    const token = randomUUID();
    const start = this.#clock.now();
    for (let sleepMs: number = POLL_MS.least; ; sleepMs = Math.min(sleepMs * 2, POLL_MS.most)) {
      signal?.throwIfAborted();
      const now = this.#clock.now();
      const row = { reference, digest, owner: this.#owner, token, boot: this.#boot, expires: now + this.#ttlMs };
      if (this.#table.take(row, now)) return this.#hold(reference, token);
      if (now - start > 2 * this.#ttlMs) throw this.#heldError(reference);
      await pause(this.#clock, sleepMs, signal);
    }
  }

  close(): void {
    this.#stopRenewal?.();
    this.#stopRenewal = null;
    for (const [token, reference] of this.#held) this.#table.drop(reference, token);
    this.#held.clear();
    this.#table.close();
  }

  #hold(reference: string, token: string): TagLease {
    this.#held.set(token, reference);
    this.#stopRenewal ??= this.#clock.schedule(this.#ttlMs / 3, () => this.#renewAll());
    return {
      reference,
      [Symbol.asyncDispose]: async () => {
        if (this.#held.delete(token)) this.#table.drop(reference, token);
        if (this.#held.size > 0) return;
        this.#stopRenewal?.();
        this.#stopRenewal = null;
      },
    };
  }

  #renewAll(): void {
    const expires = this.#clock.now() + this.#ttlMs;
    for (const [token, reference] of this.#held) {
      try {
        this.#table.renew(reference, token, expires);
      } catch {
        // A busy store: two more renewals come before the lease ends, and a lost lease is what the read-back is for.
      }
    }
    this.#stopRenewal = this.#clock.schedule(this.#ttlMs / 3, () => this.#renewAll());
  }

  #heldError(reference: string): LimiterError {
    const holder = this.#table.holder(reference);
    const who = holder === null ? 'others' : `${holder.owner}, which writes ${holder.digest}`;
    return new LimiterError('LEASE_HELD', `the lease of ${reference} is held by ${who}`, {
      hint: 'Run again when the other promotion has ended.',
      retryable: true,
    });
  }
}
