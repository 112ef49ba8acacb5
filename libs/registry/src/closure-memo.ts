// SPDX-License-Identifier: Apache-2.0
import { type ManifestDocument, type Repository, printRepository } from '@promograph/oci';

/** Source manifests kept for a run: enough for thousands of images, small beside the windows. */
const DEFAULT_CAP_BYTES = 64 * 1024 * 1024;

/**
 * Manifests by source and digest, each asked for once however many copies want it, the least recently used dropped when
 * their bytes pass the cap. Failures are not kept.
 */
export class ClosureMemo {
  readonly #entries = new Map<string, Entry>();
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
      return known.document;
    }
    const entry: Entry = { document: load(), bytes: 0 };
    this.#entries.set(key, entry);
    entry.document.then(
      (document) => this.#account(entry, document.bytes.length),
      () => this.#entries.delete(key),
    );
    return entry.document;
  }

  #account(loaded: Entry, bytes: number): void {
    loaded.bytes = bytes;
    this.#heldBytes += bytes;
    for (const [key, entry] of this.#entries) {
      if (this.#heldBytes <= this.#capBytes) return;
      // What is still on its way has no bytes yet, and somebody waits for it.
      if (entry.bytes === 0) continue;
      this.#entries.delete(key);
      this.#heldBytes -= entry.bytes;
    }
  }
}

interface Entry {
  readonly document: Promise<ManifestDocument>;
  /** 0 while it loads. */
  bytes: number;
}
