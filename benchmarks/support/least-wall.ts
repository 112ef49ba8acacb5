// SPDX-License-Identifier: Apache-2.0

/** Requests to one host that a process has under way at once, where its profile says nothing else. */
const CONCURRENCY = 32;

/** How `leastWall` counts, in words. */
export const LEAST_WALL_FORMULA = `optimum of the request phase: requests x latency / ${CONCURRENCY}; side by side: only those of the busiest host`;

/** What the requests of a run take at least, in milliseconds. */
export interface LeastWall {
  /** All of them at the concurrency of one host. */
  readonly optimumMs: number;
  /** The same with every host at its own concurrency at once: the requests of the busiest. */
  readonly sideBySideMs: number;
}

/** The shortest time in which requests, counted by host and path, can be answered after `latencyMs` each. */
export function leastWall(
  requests: Readonly<Record<string, Readonly<Record<string, number>>>>,
  latencyMs: number,
): LeastWall {
  const byHost = Object.values(requests).map((paths) => Object.values(paths).reduce((sum, count) => sum + count, 0));
  const total = byHost.reduce((sum, count) => sum + count, 0);
  const [optimumMs, sideBySideMs] = [total, Math.max(0, ...byHost)].map((count) => (count * latencyMs) / CONCURRENCY);
  return { optimumMs: optimumMs ?? 0, sideBySideMs: sideBySideMs ?? 0 };
}
