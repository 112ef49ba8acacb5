// SPDX-License-Identifier: Apache-2.0
import type { SpoolHandle } from './spool-directory.ts';

const READ_BYTES = 256 * 1024;

/** What a spool file is made of. */
export interface SpoolFileOptions {
  /** Offset in the blob of the first byte of the file. */
  readonly base: number;
  readonly handle: SpoolHandle;
  /** Asks for room below the cap. */
  readonly reserve: (bytes: number) => boolean;
  /** Told once, with all bytes that were reserved. */
  readonly onClose: (bytes: number) => Promise<void>;
}

/** Reads a spool file from one place on, while it still grows. */
export interface SpoolReader {
  /** The next piece, or null behind the last one. Waits while the file still grows. */
  next(): Promise<Buffer | null>;
  release(): void;
}

/**
 * The tail of one blob on disk: written once, in order, and read by any number of slow destinations behind the writer. It is
 * removed when it is sealed and its last reader has let go.
 */
export class SpoolFile {
  readonly base: number;
  readonly #options: SpoolFileOptions;
  readonly #wakers = new Set<() => void>();
  #lengthBytes = 0;
  #reservedBytes = 0;
  #readers = 0;
  #isSealed = false;
  #closing: Promise<void> | null = null;

  constructor(options: SpoolFileOptions) {
    this.base = options.base;
    this.#options = options;
  }

  /** Whether anybody reads. */
  get isUsed(): boolean {
    return this.#readers > 0;
  }

  /** Writes behind the last byte. False when the cap or the disk is full: then the file ends where it ended before. */
  async append(chunk: Uint8Array): Promise<boolean> {
    if (this.#isSealed || !this.#options.reserve(chunk.length)) return false;
    this.#reservedBytes += chunk.length;
    try {
      for (let done = 0; done < chunk.length;) {
        const position = this.#lengthBytes + done;
        done += (await this.#options.handle.write(chunk, done, chunk.length - done, position)).bytesWritten;
      }
    } catch {
      return false;
    }
    this.#lengthBytes += chunk.length;
    this.#wake();
    return true;
  }

  /** Nothing more will be written. */
  seal(): void {
    this.#isSealed = true;
    this.#wake();
    if (this.#readers === 0) void this.discard();
  }

  /** A reader from the blob's byte `offset` on, which must not be before `base`. */
  reader(offset: number): SpoolReader {
    let position = offset - this.base;
    let isReleased = false;
    this.#readers += 1;
    return {
      next: async () => {
        while (position >= this.#lengthBytes && !this.#isSealed) await this.#grown();
        const piece = await this.#read(position);
        position += piece?.length ?? 0;
        return piece;
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#readers -= 1;
        if (this.#readers === 0 && this.#isSealed) void this.discard();
      },
    };
  }

  /** Closes and removes the file, read or not. Never fails: what cannot be removed is swept by the next run. */
  discard(): Promise<void> {
    this.#isSealed = true;
    this.#closing ??= (async () => {
      this.#wake();
      await this.#options.handle.close().catch(() => undefined);
      await this.#options.onClose(this.#reservedBytes).catch(() => undefined);
    })();
    return this.#closing;
  }

  async #read(position: number): Promise<Buffer | null> {
    const length = Math.min(READ_BYTES, this.#lengthBytes - position);
    if (length <= 0) return null;
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#options.handle.read(buffer, 0, length, position);
    if (bytesRead === 0) throw Object.assign(new Error('spool file is shorter than what was written'), { code: 'EIO' });
    return buffer.subarray(0, bytesRead);
  }

  #grown(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakers.add(resolve);
    });
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  }
}
