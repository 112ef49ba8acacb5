// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Descriptor, digestAlgorithm, digestOf, printRepository, type Repository } from '@promograph/oci';
import { type CopyRetryPolicy, mayRetry, retryDelayMs } from './copy-retry.ts';
import type { CallOptions, RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { wireFailure } from './wire-failure.ts';

/** How a small blob is moved: the largest that is let into memory, and how often it is tried. */
export interface SmallBlobOptions extends CallOptions {
  /** Default 4 MiB. */
  readonly maxBytes?: number;
  readonly retry?: CopyRetryPolicy;
}

/** Attempts for blobs of a few kilobytes: what does not come in four will not come in eight. */
const SMALL_RETRY: CopyRetryPolicy = { attempts: 4, baseMs: 100, capMs: 5000 };
const SMALL_BYTES: number = 4 * 1024 * 1024;

/**
 * The whole blob in memory, hashed against its descriptor; wrong or broken bytes are asked for again. Errors: those of the
 * client, `REGISTRY_DIGEST_MISMATCH`, and `REGISTRY_PROTOCOL` for a blob above `maxBytes`, which is not read.
 */
export async function readBlob(
  client: Pick<RegistryClient, 'openBlob'>,
  source: { readonly repository: Repository; readonly blob: Descriptor },
  options: SmallBlobOptions = {},
): Promise<Buffer> {
  const { blob, repository } = source;
  const name = `${printRepository(repository)}@${blob.digest}`;
  if (blob.sizeBytes > (options.maxBytes ?? SMALL_BYTES)) {
    throw new RegistryError('REGISTRY_PROTOCOL', `${name} has ${blob.sizeBytes} bytes, more than is read`);
  }
  return repeating(async () => {
    const { body } = await client.openBlob(repository, blob, options);
    const bytes = await collect(body, blob.sizeBytes).catch((error: unknown) => {
      throw wireFailure(error, { method: 'GET', url: `https://${name}`, signal: options.signal });
    });
    if (bytes !== null && digestOf(bytes, digestAlgorithm(blob.digest)) === blob.digest) return bytes;
    throw new RegistryError('REGISTRY_DIGEST_MISMATCH', `other bytes came for ${name}`, { retryable: true });
  }, options);
}

/** Runs `attempt` again after failures that may pass, with the waits of a copy. */
export async function repeating<Value>(
  attempt: (failures: number) => Promise<Value>,
  { retry = SMALL_RETRY, signal }: SmallBlobOptions,
): Promise<Value> {
  for (let failures = 0; ;) {
    try {
      return await attempt(failures);
    } catch (error) {
      failures += 1;
      if (signal?.aborted === true || !mayRetry(error, failures, retry)) throw error;
      const waitMs = retryDelayMs(error, failures, { policy: retry, random: Math.random });
      await delay(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => {
        throw error;
      });
    }
  }
}

/** Exactly so many bytes, or null: nothing beyond them is read. */
async function collect(body: Readable, sizeBytes: number): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    length += piece.length;
    // Leaving the loop destroys the body.
    if (length > sizeBytes) return null;
    pieces.push(piece);
  }
  return length === sizeBytes ? Buffer.concat(pieces) : null;
}
