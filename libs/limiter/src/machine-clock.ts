// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from './clock.ts';

/** A clock that all processes of one boot of a machine read alike. */
export interface MachineClock extends Clock {
  /** Names the boot; `''` where the system tells none and the wall clock has to do. */
  readonly bootId: string;
}

/** Linux tells which boot its monotonic clock counts from; elsewhere the wall clock has to do. */
export function machineClock(): MachineClock {
  const bootId = kernelBootId();
  const now = bootId === '' ? (): number => Date.now() : (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
  return { now, schedule: (delayMs, run) => systemClock.schedule(delayMs, run), bootId };
}

function kernelBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
