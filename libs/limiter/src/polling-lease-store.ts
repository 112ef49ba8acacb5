// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { LeaseRows } from './lease-rows.ts';
import { LimiterError } from './limiter-error.ts';
import { pause } from './pause.ts';
import type { TagLease, TagLeaseStore } from './tag-lease.ts';

/** Shortest and longest sleep between two looks at a lease that another holds. */
const POLL_MS = { least: 10, most: 200 } as const;

/** What a lease store over rows is made of. */
export interface PollingLeaseOptions {
  readonly rows: LeaseRows;
  readonly scope: TagLeaseStore['scope'];
  readonly owner: string;
  readonly ttlMs: number;
  readonly clock: Clock;
}

/** Leases that are taken by looking again and again, and renewed three times in their life while they are held. */
export class PollingLeaseStore implements TagLeaseStore {
  readonly #options: PollingLeaseOptions;
  /** Token to reference of what this store holds. */
  readonly #held = new Map<string, string>();
  #stopRenewal: (() => void) | null = null;

  constructor(options: PollingLeaseOptions) {
    this.#options = options;
  }

  get scope(): TagLeaseStore['scope'] {
    return this.#options.scope;
  }

  async acquire(reference: string, digest: string, signal?: AbortSignal): Promise<TagLease> {
    const { clock, owner, rows, ttlMs } = this.#options;
    const token = randomUUID();
    const start = clock.now();
    for (let sleepMs: number = POLL_MS.least; ; sleepMs = Math.min(sleepMs * 2, POLL_MS.most)) {
      signal?.throwIfAborted();
      if (await rows.take({ reference, digest, owner, token }, ttlMs)) return this.#hold(reference, token);
      if (clock.now() - start > 2 * ttlMs) throw await this.#heldError(reference);
      await pause(clock, sleepMs, signal);
    }
  }

  /** Lets go everything that is held. */
  async releaseAll(): Promise<void> {
    this.#stop();
    const dropped = [...this.#held].map(([token, reference]) => this.#drop(reference, token));
    this.#held.clear();
    await Promise.all(dropped);
  }

  #hold(reference: string, token: string): TagLease {
    this.#held.set(token, reference);
    this.#stopRenewal ??= this.#renewLater();
    return {
      reference,
      [Symbol.asyncDispose]: async () => {
        if (this.#held.delete(token)) await this.#drop(reference, token);
        if (this.#held.size === 0) this.#stop();
      },
    };
  }

  /** What cannot be dropped ends by itself. */
  async #drop(reference: string, token: string): Promise<void> {
    try {
      await this.#options.rows.drop(reference, token);
    } catch {
      return;
    }
  }

  #stop(): void {
    this.#stopRenewal?.();
    this.#stopRenewal = null;
  }

  #renewLater(): () => void {
    const { clock, ttlMs } = this.#options;
    return clock.schedule(ttlMs / 3, () => void this.#renewAll());
  }

  async #renewAll(): Promise<void> {
    this.#stopRenewal = this.#renewLater();
    const { rows, ttlMs } = this.#options;
    for (const [token, reference] of [...this.#held]) {
      try {
        await rows.renew(reference, token, ttlMs);
      } catch {
        // A busy store: two more renewals come before the lease ends, and a lost lease is what the read-back is for.
      }
    }
  }

  async #heldError(reference: string): Promise<LimiterError> {
    const holder = await this.#options.rows.holder(reference);
    const who = holder === null ? 'others' : `${holder.owner}, which writes ${holder.digest}`;
    return new LimiterError('LEASE_HELD', `the lease of ${reference} is held by ${who}`, {
      hint: 'Run again when the other promotion has ended.',
      retryable: true,
    });
  }
}
