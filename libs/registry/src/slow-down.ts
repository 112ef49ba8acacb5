// SPDX-License-Identifier: Apache-2.0

/** What an answer says about the host's limit beside its status. */
export interface SlowDown {
  readonly isSlowDown?: true;
  readonly retryAfterMs?: number;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const NOTHING: SlowDown = {};
/** Longest span that a header can make us wait without a refusal. */
const MAX_RESET_MS = 60_000;

/** A header about a longer window says nothing about the pace: a refusal will tell when the time has come. */
const LONGEST_WINDOW_S = 60;

/**
 * Reads the headers by which hosts announce that a limit is reached before they refuse: `RateLimit-Remaining` of the IETF
 * draft, with `RateLimit-Reset` in seconds, and Azure's remaining calls per second. Docker Hub's window of six hours
 * (`0;w=21600`) is left alone: much of what we ask does not count there.
 */
export function slowDownOf(headers: Headers): SlowDown {
  const remaining = headers['ratelimit-remaining'] ?? headers['x-ms-ratelimit-remaining-calls-per-second'];
  if (typeof remaining !== 'string') return NOTHING;
  const left = Number.parseFloat(remaining);
  const windowSeconds = Number(/;\s*w=(\d{1,9})/.exec(remaining)?.[1] ?? 1);
  if (Number.isNaN(left) || left >= 1 || windowSeconds > LONGEST_WINDOW_S) return NOTHING;
  const reset = headers['ratelimit-reset'];
  const seconds = typeof reset === 'string' && /^\d{1,6}$/.test(reset) ? Number(reset) : null;
  return seconds === null
    ? { isSlowDown: true }
    : { isSlowDown: true, retryAfterMs: Math.min(seconds * 1000, MAX_RESET_MS) };
}
