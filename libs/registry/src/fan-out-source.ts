// SPDX-License-Identifier: Apache-2.0
import type { Hash } from 'node:crypto';
import { addAbortSignal } from 'node:stream';
import { type Descriptor, hashFor, hashMatches } from '@promograph/oci';
import { type CopyRetryPolicy, mayRetry, retryDelayMs } from './copy-retry.ts';
import type { Sleep } from './copy-options.ts';
import type { BlobStream } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** How one blob is read. */
export interface VerifiedReadOptions {
  readonly blob: Descriptor;
  readonly open: () => Promise<BlobStream>;
  readonly retry: CopyRetryPolicy;
  readonly random: () => number;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  /** Told when the source broke off and is opened again. */
  readonly onResume: (atByte: number) => void;
}

/**
 * The bytes of a blob, the last of them only when length and hash are right: whoever passes them on with the announced
 * length cannot complete a wrong blob. A source that breaks off is opened again and read up to where it was. Errors:
 * `REGISTRY_DIGEST_MISMATCH`, and those of the source.
 */
export async function* readVerified(options: VerifiedReadOptions): AsyncGenerator<Buffer, void, void> {
  const { blob, retry, random, sleep, signal } = options;
  const progress: Progress = { blob, hash: hashFor(blob.digest), bytes: 0, held: null };
  for (let failures = 1; ; failures += 1) {
    try {
      const stream = await options.open();
      addAbortSignal(signal, stream.body);
      yield* readOnce(progress, stream);
      break;
    } catch (error) {
      if (signal.aborted || isMismatch(error) || !mayRetry(error, failures, retry)) throw error;
      await sleep(retryDelayMs(error, failures, { policy: retry, random }), signal);
      options.onResume(progress.bytes);
    }
  }
  if (progress.bytes !== blob.sizeBytes) throw mismatch(blob, `has ${progress.bytes} bytes, not ${blob.sizeBytes}`);
  if (!hashMatches(progress.hash, blob.digest)) throw mismatch(blob, 'has other bytes than its digest says');
  if (progress.held) yield progress.held;
}

interface Progress {
  readonly blob: Descriptor;
  readonly hash: Hash;
  /** Bytes hashed. */
  bytes: number;
  /** The last bytes that came, not yet given on. */
  held: Buffer | null;
}

async function* readOnce(progress: Progress, stream: BlobStream): AsyncGenerator<Buffer, void, void> {
  const { blob } = progress;
  if (stream.sizeBytes !== null && stream.sizeBytes !== blob.sizeBytes) {
    stream.body.destroy();
    throw mismatch(blob, `has ${stream.sizeBytes} bytes, not ${blob.sizeBytes}`);
  }
  let known = progress.bytes;
  for await (const received of stream.body as AsyncIterable<Buffer>) {
    const chunk = received.subarray(Math.min(known, received.length));
    known -= received.length - chunk.length;
    // An empty chunk in hand would let the bytes before it go unchecked.
    if (chunk.length === 0) continue;
    progress.bytes += chunk.length;
    if (progress.bytes > blob.sizeBytes) throw mismatch(blob, `has more than ${blob.sizeBytes} bytes`);
    progress.hash.update(chunk);
    const ready = progress.held;
    progress.held = chunk;
    if (ready) yield ready;
  }
}

function mismatch(blob: Descriptor, what: string): RegistryError {
  return new RegistryError('REGISTRY_DIGEST_MISMATCH', `blob ${blob.digest} of the source ${what}`);
}

function isMismatch(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'REGISTRY_DIGEST_MISMATCH';
}
