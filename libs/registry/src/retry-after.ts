// SPDX-License-Identifier: Apache-2.0

/** Longest wait that a host may ask for; beyond it the operation fails and a later run goes on. */
const MAX_RETRY_AFTER_MS = 300_000;

const SECONDS = /^\d{1,9}(?:\.\d{1,9})?$/;
const HTTP_DATE = /^[A-Za-z]{3,9},? .* (?:GMT|\d{4})$/;
/** A Go duration, as GHCR prints it: `880.092µs`, `1m30.5s`. */
const DURATION = /(\d{1,9}(?:\.\d{1,9})?)(ns|us|µs|μs|ms|s|m|h)/g;
const IN_BODY = /retry-after:\s*((?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+)/i;
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds of a Retry-After header (whole or fractional seconds, or an HTTP date that `epochMs` is subtracted from), or
 * of GHCR's `retry-after: 880.092µs` in the body where the header is missing. Capped; undefined when nothing is said.
 */
export function parseRetryAfter(header: string | undefined, body: string, epochMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return capped(Number(text) * 1000);
  // Date.parse alone would take `-5` for a year.
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return capped(date - epochMs);
  const duration = IN_BODY.exec(body)?.[1];
  if (duration === undefined) return undefined;
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(DURATION)) total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return capped(total);
}

function capped(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
