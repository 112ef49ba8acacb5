// SPDX-License-Identifier: Apache-2.0
import type { BudgetStore } from './budget-store.ts';
import type { Clock } from './clock.ts';
import { freshState, type HostState, noteRefusal, returnSlots, takeSlots } from './host-state.ts';

/** Budgets of this process alone. */
export function createMemoryBudgetStore(clock: Pick<Clock, 'now'>): BudgetStore {
  const states = new Map<string, HostState>();
  const stateOf = (subject: string): HostState => {
    const known = states.get(subject);
    if (known) return known;
    const fresh = freshState();
    states.set(subject, fresh);
    return fresh;
  };
  return {
    scope: 'process',
    take: (subject, asking) => takeSlots(stateOf(subject), clock.now(), asking),
    refuse: (subject, refusal) => noteRefusal(stateOf(subject), clock.now(), refusal),
    giveBack: (subject, { limits, ...back }) => returnSlots(stateOf(subject), limits, back),
    check: () => undefined,
    close: async () => undefined,
  };
}
