// SPDX-License-Identifier: Apache-2.0
import type { FrontRequest, Knowledge, Presence, Question } from './decide.ts';
import type { Backend } from './policy.ts';

interface Told {
  readonly url: string;
  readonly presence: Presence;
}

/**
 * One request that cannot be decided without asking, and what it was told. Answers of this request come first: what failed
 * is not remembered, and must not be asked again.
 */
export class Inquiry implements Knowledge {
  readonly request: FrontRequest;
  /** Names the budget that pays; asked for when there is something to pay. */
  readonly network: () => string;
  readonly #known: Knowledge;
  readonly #told: Told[] = [];

  constructor(request: FrontRequest, network: () => string, known: Knowledge) {
    this.request = request;
    this.network = network;
    this.#known = known;
  }

  /** Questions that were answered. */
  get size(): number {
    return this.#told.length;
  }

  note({ url }: Question, presence: Presence): void {
    this.#told.push({ url, presence });
  }

  isHealthy(backend: Backend): boolean {
    return this.#known.isHealthy(backend);
  }

  presence(question: Question): Presence {
    for (const { url, presence } of this.#told) if (url === question.url) return presence;
    return this.#known.presence(question);
  }
}
