// SPDX-License-Identifier: Apache-2.0
import type { Backend, HealthPolicy } from './policy.ts';

/** So many things that were there are kept for checks, of so many repositories. */
const MOST_KNOWN = 4;

/** What a registry answered to a question. */
export type ProbeOutcome = 'present' | 'absent' | 'denied' | 'failed';

/** What a status says about presence: redirects lead to what is there, denials to nothing. Null is no answer in time. */
export function probeOutcome(status: number | null): ProbeOutcome {
  if (status === null) return 'failed';
  if (status >= 200 && status < 400) return 'present';
  if (status === 401 || status === 403) return 'denied';
  return status === 404 ? 'absent' : 'failed';
}

/** A check to be made: a HEAD of `url`. */
export interface Check {
  readonly backend: Backend;
  readonly url: string;
}

interface State {
  isHealthy: boolean;
  /** Checks in a row that speak against the present verdict. */
  against: number;
  dueAtMs: number;
  lastAtMs: number;
  /** When the check under way was taken; null without one. */
  takenAtMs: number | null;
  /** What was there, of different repositories, asked in this order: only a registry that fails can refuse it all. */
  known: readonly string[];
  denied: number;
  answered: number;
}

/**
 * Which backends serve. Only checks change a verdict, `fall` in a row for the worse and `rise` for the better, so that it
 * does not flap and no client can cause it; questions of clients that fail only bring the next check forward. Confirming
 * checks follow each other faster, so that a dead backend is out within two intervals. Everything starts healthy.
 */
export class HealthTable {
  readonly #policy: HealthPolicy;
  readonly #backends: readonly Backend[];
  readonly #states: State[];

  constructor(backends: readonly Backend[], policy: HealthPolicy) {
    this.#policy = policy;
    this.#backends = backends;
    this.#states = backends.map(() => ({
      isHealthy: true,
      against: 0,
      dueAtMs: 0,
      lastAtMs: -Infinity,
      takenAtMs: null,
      known: [],
      denied: 0,
      answered: 0,
    }));
  }

  isHealthy(backend: Backend): boolean {
    return this.#states[backend.index]?.isHealthy ?? false;
  }

  /** Whether every backend was checked at least once. */
  get isSettled(): boolean {
    return this.#states.every(({ lastAtMs }) => lastAtMs > -Infinity);
  }

  /** Takes the checks that are due; each must come back through `noteCheck`. */
  takeDue(nowMs: number): readonly Check[] {
    return this.#backends.flatMap((backend) => {
      const state = this.#state(backend);
      // On an edge a check may end with the request that made it, and never come back.
      const isUnderWay = state.takenAtMs !== null && nowMs < state.takenAtMs + 2 * this.#policy.timeoutMs;
      if (isUnderWay || state.dueAtMs > nowMs) return [];
      state.takenAtMs = nowMs;
      return [{ backend, url: state.known[0] ?? backend.checkUrl }];
    });
  }

  /** Takes in what a check was answered with; a status of null is no answer at all. */
  noteCheck({ backend, url }: Check, status: number | null, nowMs: number): void {
    const state = this.#state(backend);
    const isGood = this.#isGood({ state, backend, url, status });
    state.takenAtMs = null;
    state.lastAtMs = nowMs;
    state.denied = 0;
    state.answered = 0;
    state.against = isGood === state.isHealthy ? 0 : state.against + 1;
    const needed = state.isHealthy ? this.#policy.fall : this.#policy.rise;
    if (state.against >= needed) {
      state.isHealthy = isGood;
      state.against = 0;
    }
    const isConfirming = state.isHealthy && state.against > 0;
    state.dueAtMs = nowMs + (isConfirming ? this.#confirmMs() : this.#policy.intervalMs);
  }

  /** Goes on from what another table knew of the same addresses: a new configuration takes nobody's health away. */
  adopt(previous: HealthTable): void {
    for (const backend of this.#backends) {
      const same = previous.#backends.find(({ base }) => base === backend.base);
      if (same !== undefined) this.#states[backend.index] = { ...previous.#state(same), takenAtMs: null };
    }
  }

  /** Takes in what a client's question was answered with. */
  noteProbe(backend: Backend, outcome: ProbeOutcome, url: string): void {
    const state = this.#state(backend);
    if (outcome === 'failed') state.dueAtMs = Math.min(state.dueAtMs, state.lastAtMs + this.#confirmMs());
    else if (outcome === 'denied') state.denied += 1;
    else state.answered += 1;
    // Tags move; what has a digest in its name stays.
    if (outcome !== 'present' || !url.includes(':', url.lastIndexOf('/'))) return;
    const others = state.known.filter((each) => repositoryOf(each) !== repositoryOf(url));
    state.known = [url, ...others].slice(0, MOST_KNOWN);
  }

  #isGood(check: { state: State; backend: Backend; url: string; status: number | null }): boolean {
    const { state, backend, url, status } = check;
    if (status === null || status >= 500 || status === 429) return false;
    const isKnown = state.known.includes(url);
    const isDenied = status === 401 || status === 403;
    // What was there may be deleted; some registries deny what is not there. Then something else is asked next.
    if (isKnown && (status === 404 || isDenied)) {
      const others = state.known.filter((each) => each !== url);
      state.known = isDenied ? [...others, url] : others;
    }
    if (backend.kind === 'store') return true;
    if (isDenied) return !isKnown && !this.#deniesAll(state);
    return status < 400 || isKnown;
  }

  /** Registries that want a token for `/v2/` are alive; one that denied every question since is of no use. */
  #deniesAll({ denied, answered }: State): boolean {
    return answered === 0 && denied >= this.#policy.fall;
  }

  #confirmMs(): number {
    return this.#policy.intervalMs / this.#policy.fall;
  }

  #state(backend: Backend): State {
    const state = this.#states[backend.index];
    if (state === undefined) throw new RangeError(`${backend.name} is not of this table`);
    return state;
  }
}

/** The part of an address in front of the kind and the digest. */
function repositoryOf(url: string): string {
  return url.slice(0, url.lastIndexOf('/', url.lastIndexOf('/') - 1));
}
