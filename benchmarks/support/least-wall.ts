// SPDX-License-Identifier: Apache-2.0

/** Requests to one host that a process has under way at once, where its profile says nothing else. */
const AT_ONCE = 32;

/** How `leastWallMs` counts, in words. */
export const LEAST_WALL_FORMULA = `least wall: requests x latency / ${AT_ONCE} in flight, of the host with the most requests`;

/** The shortest time in which requests, counted by host and path, can be answered after `latencyMs` each. */
export function leastWallMs(
  requests: Readonly<Record<string, Readonly<Record<string, number>>>>,
  latencyMs: number,
): number {
  const sums = Object.values(requests).map((paths) => Object.values(paths).reduce((sum, count) => sum + count, 0));
  return (Math.max(0, ...sums) * latencyMs) / AT_ONCE;
}
