// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import type { BlobStream } from './registry-client.ts';
import type { SpoolFile, SpoolReader } from './spool-file.ts';

/** What a kept blob is made of. */
export interface KeptBlobOptions {
  readonly sizeBytes: number;
  readonly clock: () => number;
  /** Null when the disk does not give a file. */
  readonly create: () => Promise<SpoolFile | null>;
}

/** One blob on disk from its first byte on: written by one read of the source, read by those who come later. */
export class KeptBlob {
  readonly sizeBytes: number;
  /** Called when somebody begins to wait for the blob. */
  onAwaited: () => void = () => undefined;
  readonly #options: KeptBlobOptions;
  readonly #whole = Promise.withResolvers<boolean>();
  #file: SpoolFile | null = null;
  /** Keeps the file while nobody reads it. */
  #pin: SpoolReader | null = null;
  #isLetGo = false;
  #outcome: 'whole' | 'failed' | null = null;
  #awaitedSince: number | null = null;

  constructor(options: KeptBlobOptions) {
    this.sizeBytes = options.sizeBytes;
    this.#options = options;
  }

  /** Whether all bytes came to be on disk, once that is known. */
  get whole(): Promise<boolean> {
    return this.#whole.promise;
  }

  /** Whether it can be read. */
  get isWhole(): boolean {
    return this.#outcome === 'whole' && !this.#isLetGo;
  }

  /** Whether nothing more is written. */
  get isOver(): boolean {
    return this.#outcome !== null;
  }

  /** Since when somebody waits for the blob; null where nobody does. */
  get awaitedSince(): number | null {
    return this.isOver ? null : this.#awaitedSince;
  }

  /** Like `whole`, for those who have no bytes before it. */
  async awaited(): Promise<boolean> {
    if (!this.isOver) {
      this.#awaitedSince ??= this.#options.clock();
      this.onAwaited();
    }
    return this.whole;
  }

  /** Passes verified chunks on and writes them; a disk that takes no more ends the keeping, not the passing on. */
  async *write(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
    try {
      this.#file = await this.#options.create();
      this.#pin = this.#file?.reader(0) ?? null;
      let isWriting = this.#file !== null;
      for await (const chunk of chunks) {
        if (isWriting && !(await this.#file?.append(chunk))) {
          isWriting = false;
          this.fail();
        }
        yield chunk;
      }
      if (isWriting) this.#end(true);
    } finally {
      this.fail();
    }
  }

  /** The blob is not going to be whole; without effect on one that is. */
  fail(): void {
    this.#end(false);
  }

  /** The bytes, as a source would send them. */
  open(): BlobStream {
    if (this.#file === null || !this.isWhole) throw gone();
    return { body: Readable.from(pieces(this.#file.reader(0)), { objectMode: false }), sizeBytes: this.sizeBytes };
  }

  /** Nobody is to begin reading it any more; the file goes with its last reader. */
  letGo(): void {
    this.#isLetGo = true;
    this.#pin?.release();
  }

  #end(isWhole: boolean): void {
    if (this.isOver) return;
    this.#outcome = isWhole ? 'whole' : 'failed';
    this.#file?.seal();
    if (!isWhole) this.letGo();
    this.#whole.resolve(isWhole);
  }
}

async function* pieces(reader: SpoolReader): AsyncGenerator<Buffer, void, void> {
  try {
    for (let piece = await reader.next(); piece !== null; piece = await reader.next()) yield piece;
  } finally {
    reader.release();
  }
}

/** Like a file that vanished: worth another try, which goes to the source. */
function gone(): Error {
  return Object.assign(new Error('the blob is kept no longer'), { code: 'ENOENT' });
}
