// SPDX-License-Identifier: Apache-2.0
import { type Digest, type Repository, printRepository } from '@promograph/oci';

/** The right to bring one blob to one place. */
export type BlobClaim =
  { readonly kind: 'mine'; readonly end: () => void } | { readonly kind: 'held'; readonly done: Promise<void> };

/** Keeps two copies from bringing one blob to one place at the same time. */
export class BlobClaims {
  readonly #held = new Map<string, Promise<void>>();

  /** Claims the blob for the repository, and with `isWholeHost` for every repository of its host. */
  claim(repository: Repository, digest: Digest, isWholeHost: boolean): BlobClaim {
    const keys = [`${printRepository(repository)} ${digest}`];
    if (isWholeHost) keys.push(`${repository.host} ${digest}`);
    for (const key of keys) {
      const done = this.#held.get(key);
      if (done) return { kind: 'held', done };
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const key of keys) this.#held.set(key, promise);
    return {
      kind: 'mine',
      end: () => {
        for (const key of keys) this.#held.delete(key);
        resolve();
      },
    };
  }
}
