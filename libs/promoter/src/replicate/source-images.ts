// SPDX-License-Identifier: Apache-2.0
import type { ManifestDocument } from '@promograph/oci';

/** Much more than what the mirrors of a few large repositories lack at once: a signature takes about 15 KiB. */
const MOST_BYTES = 64 * 1024 * 1024;
/** What is parsed of a manifest takes about twice its bytes again. */
const PARSED = 3;

/** An evidence image at its source; `blobs` is null where it is too large for memory. */
export interface SourceImage {
  readonly document: ManifestDocument;
  readonly blobs: readonly Buffer[] | null;
}

/**
 * Images as they were read at their source, for the mirrors that are served after the first. Those that came first are
 * forgotten when all together take more than `mostBytes`, by default 64 MiB; a read that failed is not remembered.
 */
export class SourceImages {
  readonly #mostBytes: number;
  readonly #images = new Map<string, Promise<SourceImage>>();
  /** Of those that were read, oldest first. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** The image of that key; `read` is called where none is remembered, once for all who ask meanwhile. */
  get(key: string, read: () => Promise<SourceImage>): Promise<SourceImage> {
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    const reading = read();
    this.#images.set(key, reading);
    reading.then(
      (image) => this.#keep(key, sizeOf(image)),
      () => this.#images.delete(key),
    );
    return reading;
  }

  #keep(key: string, size: number): void {
    this.#sizes.set(key, size);
    this.#bytes += size;
    for (const [oldest, freed] of this.#sizes) {
      if (this.#bytes <= this.#mostBytes) return;
      this.#sizes.delete(oldest);
      this.#images.delete(oldest);
      this.#bytes -= freed;
    }
  }
}

function sizeOf({ document, blobs }: SourceImage): number {
  return (blobs ?? []).reduce((sum, { length }) => sum + length, document.bytes.length * PARSED);
}
