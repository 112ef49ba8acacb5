// SPDX-License-Identifier: Apache-2.0
import { parseRepository } from '@promograph/oci';
import type { Observations, ProjectPlan } from '@promograph/plan';
import type { HostFailure } from './session.ts';

/** One entry per host and reason, with the edges it costs; sorted by host. */
export function hostFailuresOf(observations: Observations, plans: readonly ProjectPlan[]): HostFailure[] {
  const failures = new Map<string, HostFailure>();
  const byRepository = new Map<string, string>();
  for (const [repository, observed] of observations) {
    if (observed.state !== 'unreadable' || observed.failure === undefined) continue;
    const { host } = parseRepository(repository);
    const key = `${host} ${observed.failure.code}`;
    byRepository.set(repository, key);
    if (!failures.has(key)) failures.set(key, { host, ...observed.failure, edges: 0 });
  }
  for (const plan of plans) {
    for (const { action, edge } of plan.actions) {
      if (action !== 'unreadable') continue;
      const key = byRepository.get(edge.destination) ?? byRepository.get(edge.source);
      const failure = key === undefined ? undefined : failures.get(key);
      if (key !== undefined && failure !== undefined) failures.set(key, { ...failure, edges: failure.edges + 1 });
    }
  }
  return [...failures.values()].sort((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0));
}
