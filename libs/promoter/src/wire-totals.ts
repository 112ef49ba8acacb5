// SPDX-License-Identifier: Apache-2.0
import type { PromoterEvent } from './promoter-event.ts';

/** What the request budget and the registries' moods cost a run. */
export interface WireTotals {
  /** Time spent waiting for the request budget, milliseconds, summed over requests. */
  readonly waitedMs: number;
  readonly retries: number;
}

/** Adds up waits and retries of a session, and hands out what came since it was last asked: each is told once. */
export interface WireMeter {
  note(event: PromoterEvent): void;
  /** What came since the last call. */
  totals(): WireTotals;
}

/** A meter at zero. */
export function createWireMeter(): WireMeter {
  let waitedMs = 0;
  let retries = 0;
  return {
    note: (event) => {
      if (event.type === 'wait') waitedMs += event.waitedMs;
      if (event.type === 'retry') retries += 1;
    },
    totals: () => {
      const since = { waitedMs: Math.round(waitedMs), retries };
      waitedMs = 0;
      retries = 0;
      return since;
    },
  };
}
