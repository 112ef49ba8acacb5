// SPDX-License-Identifier: Apache-2.0

/** A share of a semaphore, to be given back once. */
export interface Permit {
  /** Gives a part back: what is left is at most `weight`. */
  shrink(weight: number): void;
  release(): void;
}

interface Waiter {
  readonly weight: number;
  readonly grant: () => void;
}

/** A fixed amount of something, handed out first come, first served, so that a large request is never overtaken. */
export class CopySemaphore {
  readonly capacity: number;
  readonly #waiting: Waiter[] = [];
  #free: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#free = capacity;
  }

  /** Whether somebody waits. */
  get isContended(): boolean {
    return this.#waiting.length > 0;
  }

  /** Waits for `weight` (more than the capacity counts as the capacity). Rejects with the signal's reason. */
  async acquire(weight: number, signal: AbortSignal): Promise<Permit> {
    signal.throwIfAborted();
    const wanted = Math.min(weight, this.capacity);
    if (this.#waiting.length === 0 && this.#free >= wanted) this.#free -= wanted;
    else await this.#wait(wanted, signal);
    return this.#permit(wanted);
  }

  #wait(weight: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        weight,
        grant: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
        this.#grantNext();
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #permit(weight: number): Permit {
    let held = weight;
    const shrink = (to: number): void => {
      const freed = held - Math.max(0, Math.min(held, to));
      held -= freed;
      this.#free += freed;
      if (freed > 0) this.#grantNext();
    };
    return { shrink, release: () => shrink(0) };
  }

  #grantNext(): void {
    for (let next = this.#waiting[0]; next && next.weight <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.weight;
      next.grant();
    }
  }
}
