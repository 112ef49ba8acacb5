// SPDX-License-Identifier: Apache-2.0
import type { PromoterEvent } from '@promograph/promoter';

/** Waits and retries of a host are told once in so many milliseconds, unless everything is to be told. */
export const REPEAT_MS = 30_000;
/** Shorter waits are the ordinary pace of a budget and are not told, milliseconds. */
export const NOTABLE_WAIT_MS = 1_000;

/** What decides whether an event becomes a line. */
export interface NoticeOptions {
  readonly isVerbose: boolean;
  /** A monotonic clock, milliseconds. */
  readonly now: () => number;
}

/** Turns events into lines for people; most events become none. Never holds a secret: events have none. */
export class Notices {
  readonly #options: NoticeOptions;
  readonly #toldAt = new Map<string, number>();

  constructor(options: NoticeOptions) {
    this.#options = options;
  }

  lineFor(event: PromoterEvent): string | null {
    switch (event.type) {
      case 'notice':
        return event.message;
      case 'warning':
        return this.#once(`warning ${event.host} ${event.message}`, `${event.host}: ${event.message}`);
      case 'credential':
        return this.#options.isVerbose ? `${event.host}: credentials from ${event.source}` : null;
      case 'retry':
        return this.#wait(event.delayMs, `retry ${event.host}`, `${event.reason}, host ${event.host}`);
      case 'wait':
        return this.#wait(event.waitedMs, `wait ${event.host}`, `quota of host ${event.host}`);
      default:
        return null;
    }
  }

  #wait(ms: number, key: string, why: string): string | null {
    const line = `waiting ${Math.max(1, Math.round(ms / 1000))} s, ${why}`;
    if (this.#options.isVerbose) return ms < 100 ? null : line;
    return ms < NOTABLE_WAIT_MS ? null : this.#once(key, line);
  }

  #once(key: string, line: string): string | null {
    const last = this.#toldAt.get(key);
    const now = this.#options.now();
    if (last !== undefined && now - last < REPEAT_MS && !this.#options.isVerbose) return null;
    this.#toldAt.set(key, now);
    return line;
  }
}
