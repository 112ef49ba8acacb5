// SPDX-License-Identifier: Apache-2.0
import type { Knowledge, Presence, Question } from './decide.ts';
import type { Backend } from './policy.ts';
import type { Prober } from './prober.ts';

/** What an inquiry looks things up in. */
export interface InquirySources {
  readonly known: Knowledge;
  /** Null where nothing is ever asked. */
  readonly prober: Prober | null;
  /** Names whose budget pays; called when there is something to pay. */
  readonly network: () => string;
}

/** A backend is asked once for each request: object store, then registry. */
const MOST_QUESTIONS = 2;

/**
 * What is known for one request: first what it was told itself, since what failed is not remembered and must not be asked
 * again; then what is known to all; then a question. One that may not be asked is answered within the same decision.
 */
export class Inquiry implements Knowledge {
  readonly #sources: InquirySources;
  readonly #told: { readonly url: string; readonly presence: Presence }[] = [];
  #flight: Promise<Presence> | null = null;

  constructor(sources: InquirySources) {
    this.#sources = sources;
  }

  isHealthy(backend: Backend): boolean {
    return this.#sources.known.isHealthy(backend);
  }

  presence(question: Question): Presence {
    for (const { url, presence } of this.#told) if (url === question.url) return presence;
    const { known, prober, network } = this.#sources;
    const presence = known.presence(question);
    if (presence !== 'unknown') return presence;
    // Health changed meanwhile and a third backend came up: the client goes where it would be asked.
    if (prober === null || this.#told.length >= MOST_QUESTIONS) return 'refused';
    const answer = prober.ask(question, network);
    if (!(answer instanceof Promise)) return answer;
    this.#flight = answer;
    return 'unknown';
  }

  /** Waits for the answer to the question that the last decision ended with. */
  async wait({ url }: Question): Promise<void> {
    this.#told.push({ url, presence: (await this.#flight) ?? 'refused' });
  }
}
