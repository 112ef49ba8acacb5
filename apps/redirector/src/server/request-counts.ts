// SPDX-License-Identifier: Apache-2.0
import type { FinalDecision } from '@promograph/redirect';

interface Counted {
  readonly labels: string;
  count: number;
}

/**
 * Counts requests by what was decided. Looked up name by name, so that no text is made for a request that is like an
 * earlier one. Labels come from configuration, never from clients, so that their number is bounded.
 */
export class RequestCounts {
  readonly #all: Counted[] = [];
  /** By region, backend, form, and reason or status. */
  readonly #counts: Map<string, Map<string, Map<string, Map<string | number, Counted>>>> = new Map();

  count(decision: FinalDecision, region: string): void {
    const { form, reason } = decision;
    const to = decision.kind === 'answer' ? '' : (decision.backend?.name ?? 'page');
    // The status of an answer says more than its reason does.
    const end = decision.kind === 'answer' ? decision.status : reason;
    const byEnd = at(at(at(this.#counts, region), to), form);
    let counted = byEnd.get(end);
    if (counted === undefined) {
      const status = decision.kind === 'answer' ? decision.status : 307;
      const labels = `kind="${form}",region="${region}",backend="${to}",reason="${reason}",status="${status}"`;
      counted = { labels, count: 0 };
      byEnd.set(end, counted);
      this.#all.push(counted);
    }
    counted.count += 1;
  }

  /** Labels and number of each kind of decision so far. */
  samples(): readonly (readonly [string, number])[] {
    return this.#all.map(({ labels, count }) => [labels, count]);
  }
}

/** The map at a key, made when it is first needed. */
function at<Key, Value>(maps: Map<string, Map<Key, Value>>, key: string): Map<Key, Value> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = new Map<Key, Value>();
  maps.set(key, made);
  return made;
}
