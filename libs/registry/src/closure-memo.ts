// SPDX-License-Identifier: Apache-2.0
import { type ManifestDocument, type Repository, printRepository } from '@promograph/oci';

/** Source manifests kept for a run: enough for thousands of images, small beside the windows. */
const DEFAULT_CAP_BYTES = 64 * 1024 * 1024;

/**
 * Manifests by source and digest, each asked for once however many copies want it, the least recently used dropped when
 * their bytes pass the cap. Failures are not kept.
 */
export class ClosureMemo {
  readonly #entries = new Map<string, Promise<ManifestDocument>>();
  readonly #capBytes: number;
  #heldBytes = 0;

  constructor(capBytes: number = DEFAULT_CAP_BYTES) {
    this.#capBytes = capBytes;
  }

  /** The remembered document, or what `load` gives. */
  get(source: Repository, digest: string, load: () => Promise<ManifestDocument>): Promise<ManifestDocument> {
    const key = `${printRepository(source)}@${digest}`;
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const loading = load();
    this.#entries.set(key, loading);
    loading.then(
      (document) => this.#account(document.bytes.length),
      () => this.#entries.delete(key),
    );
    return loading;
  }

  #account(bytes: number): void {
    this.#heldBytes += bytes;
    for (const [key, entry] of this.#entries) {
      if (this.#heldBytes <= this.#capBytes) return;
      this.#entries.delete(key);
      entry.then(
        (document) => {
          this.#heldBytes -= document.bytes.length;
        },
        () => undefined,
      );
    }
  }
}
