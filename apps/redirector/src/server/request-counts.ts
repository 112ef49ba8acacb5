// SPDX-License-Identifier: Apache-2.0
import type { FinalDecision } from '@promograph/redirect';

/** One kind of decision. */
interface Kind {
  readonly region: string;
  readonly to: string;
  readonly form: FinalDecision['form'];
  /** Reason of a redirect, status of an answer, which says more than its reason does. */
  readonly end: string | number;
}

interface Counted extends Kind {
  readonly labels: string;
  count: number;
}

/**
 * Counts requests by what was decided. Most are like the one before; others are looked up name by name, so that no text is
 * made for what was counted already. Labels come from configuration, never from clients, so that their number is bounded.
 */
export class RequestCounts {
  readonly #all: Counted[] = [];
  /** By region, backend, form, and reason or status. */
  readonly #counts: Map<string, Map<string, Map<string, Map<string | number, Counted>>>> = new Map();
  #last: Counted | null = null;

  count(decision: FinalDecision, region: string): void {
    const { form } = decision;
    const to = decision.kind === 'answer' ? '' : (decision.backend?.name ?? 'page');
    const end = decision.kind === 'answer' ? decision.status : decision.reason;
    const last = this.#last;
    const isSame = last?.end === end && last.to === to && last.form === form && last.region === region;
    const counted = isSame ? last : this.#find({ region, to, form, end }, decision);
    counted.count += 1;
    this.#last = counted;
  }

  /** Labels and number of each kind of decision so far. */
  samples(): readonly (readonly [string, number])[] {
    return this.#all.map(({ labels, count }) => [labels, count]);
  }

  #find(kind: Kind, { reason }: FinalDecision): Counted {
    const { region, to, form, end } = kind;
    const byEnd = at(at(at(this.#counts, region), to), form);
    const known = byEnd.get(end);
    if (known !== undefined) return known;
    const status = typeof end === 'number' ? end : 307;
    const labels = `kind="${form}",region="${region}",backend="${to}",reason="${reason}",status="${status}"`;
    const counted = { ...kind, labels, count: 0 };
    byEnd.set(end, counted);
    this.#all.push(counted);
    return counted;
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
