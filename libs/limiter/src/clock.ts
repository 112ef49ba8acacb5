// SPDX-License-Identifier: Apache-2.0

/** Time as the limiter needs it; injected so that tests decide how it passes. */
export interface Clock {
  /** Milliseconds on a scale that never goes back. */
  now(): number;
  /** Runs `run` once after `delayMs`; the returned function cancels it. May run early: callers look at `now` again. */
  schedule(delayMs: number, run: () => void): () => void;
}

/** The machine's monotonic clock and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, Math.max(0, Math.ceil(delayMs)));
    return () => clearTimeout(timer);
  },
};
