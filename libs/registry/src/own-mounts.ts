// SPDX-License-Identifier: Apache-2.0

/** Questions that a host may leave unanswered, for it may have been busy. */
const UNANSWERED = 3;

/**
 * Hosts that answer the mount of a blob from the very repository that it is wanted in: created where it is there, an upload
 * started where it is not. That is a look and a start in one request. A host is believed after its first answer of each
 * kind was found true, and not asked so again after one that was not.
 */
export class OwnMounts {
  readonly #isOffered: (host: string) => boolean;
  readonly #refuted = new Set<string>();
  readonly #unanswered = new Map<string, number>();
  readonly #proofs = new Map<string, Promise<boolean>>();

  constructor(isOffered: (host: string) => boolean) {
    this.#isOffered = isOffered;
  }

  /** Whether the host is worth asking so. */
  mayAsk(host: string): boolean {
    return this.#isOffered(host) && !this.#refuted.has(host);
  }

  /** The host refused the question. */
  noteUnanswered(host: string): void {
    const count = (this.#unanswered.get(host) ?? 0) + 1;
    this.#unanswered.set(host, count);
    if (count >= UNANSWERED) this.#refuted.add(host);
  }

  /** Whether the blob is there, by what the host `says`, and by `look` as long as it is not believed. */
  async isThere(host: string, says: boolean, look: () => Promise<boolean>): Promise<boolean> {
    const kind = `${host} ${says}`;
    const proof = this.#proofs.get(kind);
    if (proof !== undefined) return (await proof) ? says : look();
    const found = look();
    const isTrue = found.then(
      (isFound) => isFound === says,
      () => false,
    );
    this.#proofs.set(kind, isTrue);
    if (!(await isTrue)) {
      this.#proofs.delete(kind);
      await found.then(() => this.#refuted.add(host));
    }
    return found;
  }
}
