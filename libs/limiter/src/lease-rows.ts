// SPDX-License-Identifier: Apache-2.0
import type { Answer } from './budget-store.ts';

/** One lease as it is written down. */
export interface LeaseClaim {
  readonly reference: string;
  readonly digest: string;
  readonly owner: string;
  /** Proof of this very holding: nobody else can renew or drop it. */
  readonly token: string;
}

/** The holder of a lease, as another process sees it. */
export interface LeaseHolder {
  readonly owner: string;
  readonly digest: string;
}

/** Where leases are written down. Each change is atomic over all who share the place. */
export interface LeaseRows {
  /** Whether the lease is ours now: it was free, or its life had ended. */
  take(claim: LeaseClaim, ttlMs: number): Answer<boolean>;
  /** Extends a lease that is still ours. */
  renew(reference: string, token: string, ttlMs: number): Answer<void>;
  /** Removes a lease if it is still ours. */
  drop(reference: string, token: string): Answer<void>;
  holder(reference: string): Answer<LeaseHolder | null>;
}
