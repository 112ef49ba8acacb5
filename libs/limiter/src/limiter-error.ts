// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** Everything that can go wrong with budgets and leases. */
export type LimiterErrorCode = 'LIMITER_INVALID_CAP' | 'LEASE_HELD' | 'LEASE_STORE_UNUSABLE' | 'STORE_UNREACHABLE';

/** A budget that makes no sense, a lease that another process would not give up, or a store that cannot be used. */
export class LimiterError extends PromographError<LimiterErrorCode> {}
