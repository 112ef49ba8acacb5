// SPDX-License-Identifier: Apache-2.0
import type { HostLimits } from './host-limits.ts';
import type { Asking, Given, Refusal } from './host-state.ts';
import type { ActionClass } from './limiter.ts';

/** Slots that were given and not used. */
export interface Returned {
  readonly limits: HostLimits;
  readonly actions: readonly ActionClass[];
  /** The mark that came with them. */
  readonly mark: number;
}

/** Answer of a store. One in this process answers at once, so that a request need not wait a turn for nothing. */
export type Answer<T> = T | Promise<T>;

/**
 * Where the state of budgets lives. Every method is atomic over all who share the store; `subject` is a host, or a host and a
 * login. A store that cannot be reached throws or rejects.
 */
export interface BudgetStore {
  /** What the budget covers: this process, this machine, or all machines that share the store. */
  readonly scope: 'process' | 'machine' | 'shared';
  take(subject: string, asking: Asking): Answer<Given>;
  refuse(subject: string, refusal: Refusal): Answer<void>;
  giveBack(subject: string, returned: Returned): Answer<void>;
  /** Fails while the store cannot be reached. */
  check(): Answer<void>;
  close(): Promise<void>;
}
