// SPDX-License-Identifier: Apache-2.0

/** A call whose result all who ask while it is under way share; each may stop waiting by a signal of its own. */
export type SharedFlight<T> = (signal?: AbortSignal) => Promise<T>;

/** `work` never runs twice at once. It is not cancelled with one of those who wait: the others still want it. */
export function shareFlight<T>(work: () => Promise<T>): SharedFlight<T> {
  let flight: Promise<T> | null = null;
  return async (signal) => {
    signal?.throwIfAborted();
    if (flight === null) {
      flight = work().finally(() => (flight = null));
      // Whoever waits sees the failure; when all have left, nobody need.
      flight.catch(() => undefined);
    }
    return signal === undefined ? flight : untilAborted(flight, signal);
  };
}

function untilAborted<T>(flight: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    flight.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
