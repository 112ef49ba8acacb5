// SPDX-License-Identifier: Apache-2.0

/**
 * Holds back what would make a digest public, its tags or the digest itself where it has none, until it is signed and attested.
 * Opens only when the canonical repository holds everything that signing needs; elsewhere only when it holds the digest, too:
 * a mirror never has what its signatures' home has not.
 */
export class TagHold {
  /** Settles when the digest may become public at its canonical repository; rejects with the reason why it may not. */
  readonly released: Promise<void>;
  /** The same for every other destination. */
  readonly releasedElsewhere: Promise<void>;
  readonly #trust: () => Promise<void>;
  readonly #signing = Promise.withResolvers<void>();
  readonly #arrival = Promise.withResolvers<void>();
  #isBegun = false;

  constructor(trust: () => Promise<void>) {
    this.#trust = trust;
    this.released = this.#signing.promise;
    this.releasedElsewhere = Promise.all([this.released, this.#arrival.promise]).then(() => undefined);
    // Whoever waits hears of it; a digest that nobody waits for must not end the process.
    this.releasedElsewhere.catch(() => undefined);
  }

  /** Begins to sign, once. */
  begin(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#signing.resolve(this.#trust());
  }

  /** The canonical repository has the digest: begins to sign, unless that was begun. */
  arrive(): void {
    this.begin();
    this.#arrival.resolve();
  }

  /** The digest did not reach its canonical repository. */
  fail(error: unknown): void {
    this.#arrival.reject(error);
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#signing.reject(error);
  }
}
