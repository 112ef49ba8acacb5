// SPDX-License-Identifier: Apache-2.0
import type { Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { faultyRequestBody } from './body-faults.ts';
import type { Exchange } from './exchange.ts';

const BATCH_BYTES = 512 * 1024;

/** Where a request's body goes: appended to `file` at `offset`, and into `hash`. */
export interface BodySink {
  readonly file: string;
  readonly offset: number;
  readonly hash: Hash;
}

/**
 * Writes the body while it arrives and hashes it on the way; answers its length in bytes. Writes go out in batches,
 * one at a time, so that hashing overlaps with them. On failure the file may hold bytes beyond `offset`.
 */
export async function receiveBody(exchange: Exchange, sink: BodySink): Promise<number> {
  const handle = await open(sink.file, 'r+');
  const writer = new BatchWriter(handle, sink.offset);
  let length = 0;
  try {
    for await (const chunk of faultyRequestBody(exchange)) {
      sink.hash.update(chunk);
      length += chunk.length;
      await writer.add(chunk);
    }
    await writer.flush();
    return length;
  } finally {
    await writer.settle();
    await handle.close();
  }
}

/** The body in memory, or null when it is longer than `maxBytes`; it is read to its end so that the answer arrives. */
export async function readBody(exchange: Exchange, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of faultyRequestBody(exchange)) {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
  }
  return length > maxBytes ? null : Buffer.concat(chunks);
}

class BatchWriter {
  readonly #handle: FileHandle;
  #position: number;
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #pending: Promise<unknown> = Promise.resolve();

  constructor(handle: FileHandle, position: number) {
    this.#handle = handle;
    this.#position = position;
  }

  async add(chunk: Buffer): Promise<void> {
    this.#batch.push(chunk);
    this.#batchBytes += chunk.length;
    if (this.#batchBytes >= BATCH_BYTES) await this.#write();
  }

  async flush(): Promise<void> {
    if (this.#batchBytes > 0) await this.#write();
    await this.#pending;
  }

  /** Waits for a write under way after a failure, whose own outcome no longer matters. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#pending]);
  }

  async #write(): Promise<void> {
    const [batch, position] = [this.#batch, this.#position];
    this.#position += this.#batchBytes;
    this.#batch = [];
    this.#batchBytes = 0;
    await this.#pending;
    this.#pending = this.#handle.writev(batch, position);
    this.#pending.catch(() => undefined);
  }
}
