// SPDX-License-Identifier: Apache-2.0

/**
 * Holds back what would make a digest public, its tags or the digest itself where it has none, until it is signed and attested.
 * Opens only when the canonical repository holds everything that signing needs.
 */
export class TagHold {
  /** Settles when the digest may become public; rejects with the reason why it may not. */
  readonly released: Promise<void>;
  readonly #trust: () => Promise<void>;
  #resolve: (work: Promise<void>) => void = () => undefined;
  #isBegun = false;

  constructor(trust: () => Promise<void>) {
    this.#trust = trust;
    this.released = new Promise<void>((resolve) => {
      this.#resolve = resolve;
    });
    // Whoever waits hears of it; a digest that nobody waits for must not end the process.
    this.released.catch(() => undefined);
  }

  /** Begins to sign, once. */
  begin(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#resolve(this.#trust());
  }

  /** The digest did not reach its canonical repository. */
  fail(error: unknown): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#resolve(Promise.reject(error));
  }
}
