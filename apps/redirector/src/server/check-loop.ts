// SPDX-License-Identifier: Apache-2.0
import type { FrontDoor } from '@promograph/redirect';
import type { HttpProbe } from './http-probe.ts';

/** Runs checks that are due until it is stopped. */
export interface CheckLoop {
  stop(): void;
}

const SHORTEST_TICK_MS = 10;
const LONGEST_TICK_MS = 250;

/** Starts with a round at once; `doorOf` is asked at every tick, since a reload replaces the front door. */
export function startCheckLoop(doorOf: () => FrontDoor, probe: HttpProbe, now: () => number): CheckLoop {
  const tick = (): void => {
    const door = doorOf();
    for (const due of door.health.takeDue(now())) {
      void probe.check(due, door.policy.health.timeoutMs).then((status) => door.health.noteCheck(due, status, now()));
    }
  };
  const tickMs = doorOf().policy.health.intervalMs / 20;
  const timer = setInterval(tick, Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, tickMs)));
  tick();
  return { stop: () => clearInterval(timer) };
}
