// SPDX-License-Identifier: Apache-2.0
import {
  type Answer,
  decide,
  type Decision,
  type FrontRequest,
  type Knowledge,
  type Question,
  type Redirect,
} from './decide.ts';
import { Fingerprinter, type FingerprintKey } from './fingerprint.ts';
import { HealthTable } from './health-table.ts';
import { Inquiry } from './inquiry.ts';
import type { Backend, Policy } from './policy.ts';
import { PresenceMemory } from './presence-memory.ts';
import { type ProbeCounts, Prober, type ProbePort } from './prober.ts';

/** What a front door works with. */
export interface FrontDoorOptions {
  readonly policy: Policy;
  /** Random, new for each process. */
  readonly key: FingerprintKey;
  readonly probe: ProbePort;
  /** Milliseconds that only grow, from about 0. */
  readonly now: () => number;
  /** Default true; see `ProberOptions`. */
  readonly sharesFlights?: boolean;
  /** A front door whose memory and health this one goes on from; its key is used then. */
  readonly previous?: FrontDoor;
}

/** What a request is answered with. */
export type FinalDecision = Answer | Redirect;

/**
 * Decides about requests, and asks backends where a decision needs to know what they have. What is known already is decided
 * without waiting.
 */
export class FrontDoor {
  readonly policy: Policy;
  readonly health: HealthTable;
  readonly #fingerprinter: Fingerprinter;
  readonly #memory: PresenceMemory | null;
  readonly #prober: Prober | null;
  readonly #knowledge: Knowledge;

  constructor({ policy, key, probe, now, sharesFlights = true, previous }: FrontDoorOptions) {
    const fingerprinter = previous === undefined ? new Fingerprinter(key) : previous.#fingerprinter;
    this.#fingerprinter = fingerprinter;
    this.policy = policy;
    this.health = new HealthTable(policy.backends, policy.health);
    if (previous !== undefined) this.health.adopt(previous.health);
    if (policy.probe === null) {
      this.#memory = null;
      this.#prober = null;
    } else {
      const earlier = previous === undefined ? null : previous.#memory;
      const isKept = earlier?.adopt(policy.probe) === true;
      const memory = isKept ? earlier : new PresenceMemory(fingerprinter, policy.probe, now);
      this.#memory = memory;
      const health = this.health;
      this.#prober = new Prober({ policy: policy.probe, memory, health, fingerprinter, probe, now, sharesFlights });
    }
    this.#knowledge = this.#makeKnowledge();
  }

  /** Entries remembered, by table. */
  get remembered(): { readonly digests: number; readonly tags: number; readonly misses: number } {
    return this.#memory?.sizes ?? { digests: 0, tags: 0, misses: 0 };
  }

  /** Questions so far, and those that wait for an answer. */
  get probes(): Readonly<ProbeCounts> & { readonly underWay: number } {
    const none = { asked: 0, joined: 0, spared: 0, refused: 0, overflowed: 0 };
    return { ...(this.#prober?.counts ?? none), underWay: this.#prober?.underWay ?? 0 };
  }

  /** Whether anything that serves clients is healthy. */
  get isReady(): boolean {
    return this.policy.backends.some((backend) => backend.kind === 'registry' && this.health.isHealthy(backend));
  }

  /**
   * Decides; a promise only when a backend is asked: what may not be asked is answered at once, so that a flood of such
   * requests costs little more than others. `network` names whose budget pays, see `clientNetwork`.
   */
  handle(request: FrontRequest, network: () => string): FinalDecision | Promise<FinalDecision> {
    return this.#decide(request, new Inquiry({ known: this.#knowledge, prober: this.#prober, network }));
  }

  /** What is known of one address, without asking. */
  peek(request: FrontRequest): Decision {
    return decide(request, this.policy, this.#knowledge);
  }

  #decide(request: FrontRequest, inquiry: Inquiry): FinalDecision | Promise<FinalDecision> {
    const decision = decide(request, this.policy, inquiry);
    return decision.kind === 'ask'
      ? inquiry.wait(decision.question).then(() => this.#decide(request, inquiry))
      : decision;
  }

  #makeKnowledge(): Knowledge {
    const memory = this.#memory;
    const health = this.health;
    return {
      isHealthy: (backend: Backend) => health.isHealthy(backend),
      presence: (question: Question) => memory?.recall(question) ?? 'refused',
    };
  }
}
