// SPDX-License-Identifier: Apache-2.0

const WINDOW_MS = 1000;

/** Lets at most a fixed number of requests through in any window of one second. */
export class RateCap {
  readonly #perSecond: number;
  readonly #now: () => number;
  #admitted: number[] = [];

  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** 0 when the request may pass; otherwise the milliseconds until one may. Refused requests do not count. */
  admit(): number {
    const now = this.#now();
    const horizon = now - WINDOW_MS;
    const expired = this.#admitted.findIndex((at) => at > horizon);
    this.#admitted = expired < 0 ? [] : this.#admitted.slice(expired);
    const oldest = this.#admitted[0];
    if (oldest !== undefined && this.#admitted.length >= this.#perSecond) return oldest + WINDOW_MS - now;
    this.#admitted.push(now);
    return 0;
  }
}
