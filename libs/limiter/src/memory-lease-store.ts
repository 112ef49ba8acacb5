// SPDX-License-Identifier: Apache-2.0
import type { TagLease, TagLeaseStore } from './tag-lease.ts';

interface Line {
  /** Called in order, each when the one before has let go. */
  readonly waiting: (() => void)[];
}

/** Leases within this process, first come, first served: for one promoter alone, and for tests. */
export function createMemoryLeaseStore(): TagLeaseStore {
  const held = new Map<string, Line>();
  return {
    scope: 'process',
    acquire: (reference, _digest, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const line = held.get(reference);
        if (!line) {
          const fresh: Line = { waiting: [] };
          held.set(reference, fresh);
          return resolve(leaseOf(held, reference, fresh));
        }
        const onTurn = (): void => {
          signal?.removeEventListener('abort', onAbort);
          resolve(leaseOf(held, reference, line));
        };
        const onAbort = (): void => {
          const place = line.waiting.indexOf(onTurn);
          if (place >= 0) line.waiting.splice(place, 1);
          reject(signal?.reason);
        };
        line.waiting.push(onTurn);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
  };
}

function leaseOf(held: Map<string, Line>, reference: string, line: Line): TagLease {
  let isHeld = true;
  return {
    reference,
    [Symbol.asyncDispose]: async () => {
      if (!isHeld) return;
      isHeld = false;
      const next = line.waiting.shift();
      if (next) next();
      else held.delete(reference);
    },
  };
}
