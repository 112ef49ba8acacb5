// SPDX-License-Identifier: Apache-2.0
import type { Presence, Question } from './decide.ts';
import { FINGERPRINT_WORDS, type Fingerprinter } from './fingerprint.ts';
import type { HealthTable, ProbeOutcome } from './health-table.ts';
import type { Backend, ProbePolicy } from './policy.ts';
import type { PresenceMemory } from './presence-memory.ts';
import { TokenBucket, TokenBuckets } from './token-buckets.ts';

/** Asks one backend, within the time that the policy gives; it answers `failed` instead of throwing. */
export type ProbePort = (question: Question) => Promise<ProbeOutcome>;

/** What a prober works with. */
export interface ProberOptions {
  readonly policy: ProbePolicy;
  readonly memory: PresenceMemory;
  readonly health: HealthTable;
  readonly fingerprinter: Fingerprinter;
  readonly probe: ProbePort;
  readonly now: () => number;
  /** Whether clients that ask the same wait for one answer. False where requests may not wait for each other. */
  readonly sharesFlights: boolean;
}

/** After so many questions in a row without an answer, one at a time finds out whether a backend is back. */
const SILENT_AFTER = 8;

/** How often questions were asked, joined another's or were not asked. */
export interface ProbeCounts {
  asked: number;
  joined: number;
  /** Not asked since the backend answers nobody: its clients need not wait to learn that again. */
  spared: number;
  /** Above the client network's budget, or above what may be under way. */
  refused: number;
  /** Of those, sent to the canonical registry. */
  overflowed: number;
}

/** Asks backends on behalf of clients: each question once at a time, within budgets, and remembers what they said. */
export class Prober {
  readonly counts: ProbeCounts = { asked: 0, joined: 0, spared: 0, refused: 0, overflowed: 0 };
  readonly #options: ProberOptions;
  readonly #flights: Map<string, Promise<Presence>> = new Map();
  readonly #networks: TokenBuckets;
  readonly #overflow: TokenBucket;
  /** By place of the backend: questions in a row without an answer, and those under way. */
  readonly #unanswered: number[] = [];
  readonly #asking: number[] = [];
  readonly #scratch: Uint32Array = new Uint32Array(FINGERPRINT_WORDS);
  #underWay = 0;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#networks = new TokenBuckets(options.policy.perSecond);
    this.#overflow = new TokenBucket(options.policy.canonicalPerSecond);
  }

  /** Questions that wait for an answer. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Asks for a client of the network that `network` names; answers at once when it may not. */
  ask(question: Question, network: () => string): Presence | Promise<Presence> {
    if (this.#isSilent(question.backend)) {
      this.counts.spared += 1;
      return 'failed';
    }
    const flight = this.#flights.get(question.url);
    if (flight !== undefined) {
      this.counts.joined += 1;
      return flight;
    }
    const nowMs = this.#options.now();
    const isFull = this.#underWay >= this.#options.policy.concurrency;
    if (isFull || !this.#networks.take(this.#hashOf(network()), nowMs)) return this.#refuse(question, nowMs);
    return this.#start(question);
  }

  #refuse({ kind }: Question, nowMs: number): Presence {
    this.counts.refused += 1;
    // The canonical registry has every manifest; its own cap keeps a flood from becoming its flood.
    if (kind !== 'manifest-by-digest' || !this.#overflow.take(nowMs)) return 'refused';
    this.counts.overflowed += 1;
    return 'overflow';
  }

  #start(question: Question): Promise<Presence> {
    this.counts.asked += 1;
    this.#count(question.backend, 1);
    const flight = this.#answer(question).finally(() => {
      this.#count(question.backend, -1);
      if (this.#options.sharesFlights) this.#flights.delete(question.url);
    });
    if (this.#options.sharesFlights) this.#flights.set(question.url, flight);
    return flight;
  }

  async #answer(question: Question): Promise<Presence> {
    const { probe, memory, health } = this.#options;
    const outcome = await probe(question);
    health.noteProbe(question.backend, outcome, question.url);
    const { index } = question.backend;
    this.#unanswered[index] = outcome === 'failed' ? (this.#unanswered[index] ?? 0) + 1 : 0;
    if (outcome === 'failed') return 'failed';
    const presence = outcome === 'present' ? 'present' : 'absent';
    memory.remember(question, presence);
    return presence;
  }

  #isSilent({ index }: Backend): boolean {
    return (this.#unanswered[index] ?? 0) >= SILENT_AFTER && (this.#asking[index] ?? 0) > 0;
  }

  #count({ index }: Backend, change: 1 | -1): void {
    this.#underWay += change;
    this.#asking[index] = (this.#asking[index] ?? 0) + change;
  }

  #hashOf(network: string): number {
    this.#options.fingerprinter.write(network, this.#scratch);
    return this.#scratch[0] ?? 0;
  }
}
