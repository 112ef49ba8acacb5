// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest } from '@promograph/oci';
import { KeptBlob } from './kept-blob.ts';
import type { SpoolDirectory } from './spool-directory.ts';

/** Files are open as long as they are kept; slow destinations need descriptors of the same directory, too. */
const MAX_KEPT = 64;
/** The part of the spool's room that slow destinations never have to share. */
const KEPT_SHARE = 0.5;

/**
 * Blobs that several copies of a run want where no mount may help: written to the spool while they are read, so that the
 * source is not asked again. At most half of the spool's room; the least recently used is let go first.
 */
export class KeptBlobs {
  readonly #spools: SpoolDirectory;
  readonly #capBytes: number;
  readonly #clock: () => number;
  readonly #kept = new Map<Digest, KeptBlob>();
  #bytes = 0;

  constructor(spools: SpoolDirectory, spoolCapBytes: number, clock: () => number) {
    this.#spools = spools;
    this.#capBytes = Math.floor(spoolCapBytes * KEPT_SHARE);
    this.#clock = clock;
  }

  /** The blob that is kept, or on its way to disk. */
  get(digest: Digest): KeptBlob | null {
    const known = this.#kept.get(digest);
    if (known === undefined || (known.isOver && !known.isWhole)) return null;
    this.#kept.delete(digest);
    this.#kept.set(digest, known);
    return known;
  }

  /** A place for a blob that is read now, to be written or failed; null for one that is too large. */
  begin({ digest, sizeBytes }: Descriptor): KeptBlob | null {
    if (sizeBytes > this.#capBytes) return null;
    for (const [oldest] of this.#kept) {
      if (this.#kept.size < MAX_KEPT && this.#bytes + sizeBytes <= this.#capBytes) break;
      this.forget(oldest);
    }
    const clock = this.#clock;
    const kept = new KeptBlob({ sizeBytes, clock, create: () => this.#spools.create(digest, 0) });
    this.#kept.set(digest, kept);
    this.#bytes += sizeBytes;
    void kept.whole.then((isWhole) => isWhole || this.#remove(digest, kept));
    return kept;
  }

  /** Lets a blob go: whoever reads it reads on. */
  forget(digest: Digest): void {
    const kept = this.#kept.get(digest);
    if (kept !== undefined) this.#remove(digest, kept);
  }

  #remove(digest: Digest, kept: KeptBlob): void {
    if (this.#kept.get(digest) !== kept) return;
    this.#kept.delete(digest);
    this.#bytes -= kept.sizeBytes;
    kept.letGo();
  }
}
