// SPDX-License-Identifier: Apache-2.0
import { GrantQueue, type Priority } from '@promograph/limiter';

/** Those who wait under one signal. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** How many calls to one host may be under way; those that wait go by priority, then in their order. */
export class HostSlots {
  readonly #queue = new GrantQueue<() => void>();
  readonly #waiting = new Map<AbortSignal, Waiting>();
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
        this.#forget(signal, onAbort);
        resolve();
      }, priority);
      this.#remember(signal, onAbort);
    });
  }

  /** One listener per signal, however many wait: a signal looks through all of its listeners whenever one comes or goes. */
  #remember(signal: AbortSignal | undefined, onAbort: () => void): void {
    if (signal === undefined) return;
    const known = this.#waiting.get(signal);
    if (known) return void known.callbacks.add(onAbort);
    const callbacks = new Set([onAbort]);
    const listener = (): void => {
      this.#waiting.delete(signal);
      for (const callback of callbacks) callback();
    };
    this.#waiting.set(signal, { callbacks, listener });
    signal.addEventListener('abort', listener, { once: true });
  }

  #forget(signal: AbortSignal | undefined, onAbort: () => void): void {
    const known = signal && this.#waiting.get(signal);
    if (!known) return;
    known.callbacks.delete(onAbort);
    if (known.callbacks.size > 0) return;
    this.#waiting.delete(signal);
    signal.removeEventListener('abort', known.listener);
  }

  /** Hands the slot to the next in line. */
  give(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#free += 1;
  }
}
