// SPDX-License-Identifier: Apache-2.0
import { GrantQueue, type Priority } from '@promograph/limiter';

/** How many calls to one host may be under way; those that wait go by priority, then in their order. */
export class HostSlots {
  readonly #queue = new GrantQueue<() => void>();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Undefined at once when a slot is free, else a promise; rejects with the signal's reason. */
  take(priority: Priority, signal?: AbortSignal): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free -= 1;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        if (leave()) reject(signal?.reason);
      };
      const leave = this.#queue.push(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, priority);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Hands the slot to the next in line. */
  give(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#free += 1;
  }
}
