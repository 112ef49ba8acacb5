// SPDX-License-Identifier: Apache-2.0
import { isPromographError } from '@promograph/errors';
import type { TagLeaseStore } from './tag-lease.ts';

/** A store for many machines, and one for this machine while that is away. */
export interface FallbackLeaseOptions {
  readonly primary: TagLeaseStore;
  readonly local: TagLeaseStore;
  /** Told each time the primary is lost, not for each lease. */
  readonly onLost: (cause: unknown) => void;
}

/**
 * Leases of `primary`; while that cannot be reached those of `local`. What keeps a tag from being moved then is that it is
 * read right before it is written and once after.
 */
export function createFallbackLeaseStore({ primary, local, onLost }: FallbackLeaseOptions): TagLeaseStore {
  let isLost = false;
  return {
    get scope() {
      return isLost ? local.scope : primary.scope;
    },
    acquire: async (reference, digest, signal) => {
      try {
        const lease = await primary.acquire(reference, digest, signal);
        isLost = false;
        return lease;
      } catch (error) {
        if (signal?.aborted || isPromographError(error, 'LEASE_HELD')) throw error;
        if (!isLost) onLost(error);
        isLost = true;
        return local.acquire(reference, digest, signal);
      }
    },
  };
}
