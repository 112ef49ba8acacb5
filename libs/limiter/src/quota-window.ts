// SPDX-License-Identifier: Apache-2.0
import { ARRIVAL_JITTER_MS } from './defaults.ts';

/** A window is counted in so many parts: it lets go what is old in steps of this share, and remembers no more. */
const PARTS = 60;

/** One part of a window: when its first and its last grant were, and how many there were. */
export type WindowPart = [first: number, last: number, count: number];

/** The parts of one window that still count, oldest first. */
export type WindowParts = WindowPart[];

/** How long a grant counts: as the host may see two grants closer together than we gave them. */
function lifeMs(windowMs: number): number {
  return windowMs + ARRIVAL_JITTER_MS;
}

/** Drops what no longer counts at `now`. Every grant of the window before `now` stays, some that are a part older as well. */
export function expireParts(parts: WindowParts, now: number, windowMs: number): void {
  let gone = 0;
  while (gone < parts.length && (parts[gone]?.[1] ?? now) + lifeMs(windowMs) <= now) gone += 1;
  if (gone > 0) parts.splice(0, gone);
}

/** Grants that count. */
export function usedIn(parts: WindowParts): number {
  return parts.reduce((sum, [, , count]) => sum + count, 0);
}

/** When the next grant may be given, if there are no others until then. */
export function windowReadyAt(parts: WindowParts, requests: number, windowMs: number): number {
  let excess = usedIn(parts) + 1 - requests;
  if (excess <= 0) return -Infinity;
  for (const [, last, count] of parts) {
    excess -= count;
    if (excess <= 0) return last + lifeMs(windowMs);
  }
  return Infinity;
}

/** Counts grants at `now`. */
export function countGrants(parts: WindowParts, now: number, options: { windowMs: number; count: number }): void {
  const newest = parts.at(-1);
  if (newest && now < newest[0] + options.windowMs / PARTS) {
    newest[1] = Math.max(newest[1], now);
    newest[2] += options.count;
  } else parts.push([now, now, options.count]);
}

/** Takes back a grant that was not used. */
export function returnGrants(parts: WindowParts, count: number): void {
  const newest = parts.at(-1);
  if (newest) newest[2] = Math.max(0, newest[2] - count);
}
