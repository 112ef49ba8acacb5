// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import { type Descriptor, digestOf, MEDIA_TYPES, type Repository } from '@promograph/oci';
import { repeating, type SmallBlobOptions } from './read-blob.ts';
import type { RegistryClient } from './registry-client.ts';

/** What a blob that was put came to. */
export interface BlobPut {
  /** Of type `application/octet-stream`. */
  readonly blob: Descriptor;
  readonly status: 'written' | 'present';
}

/** How bytes are put. */
export interface PutBlobOptions extends SmallBlobOptions {
  /** The caller knows that the blob is not there: the first try asks no more. */
  readonly isMissing?: boolean;
}

/**
 * Brings bytes that are in memory to a repository, unless they are there: with one request where the host takes it so. Each new
 * try asks first whether the one before got through.
 */
export async function putBlob(
  client: Pick<RegistryClient, 'hasBlob' | 'startUpload' | 'postBlob' | 'finishUpload'>,
  target: { readonly repository: Repository; readonly bytes: Uint8Array },
  options: PutBlobOptions = {},
): Promise<BlobPut> {
  const { repository, bytes } = target;
  const blob = octets(bytes);
  const { isMissing = false, ...calling } = options;
  return repeating<BlobPut>(async (failures) => {
    const mayBeThere = failures > 0 || !isMissing;
    if (mayBeThere && (await client.hasBlob(repository, blob.digest, calling))) {
      return { blob, status: failures > 0 ? 'written' : 'present' };
    }
    const posted = await client.postBlob(repository, blob, bytes, calling);
    if (posted.kind === 'written') return { blob, status: 'written' };
    const start = posted.kind === 'started' ? posted : await client.startUpload(repository, calling);
    if (start.kind === 'started') {
      const body = Readable.from([bytes], { objectMode: false });
      await client.finishUpload(start.session, blob, body, calling);
    }
    return { blob, status: 'written' };
  }, options);
}

function octets(bytes: Uint8Array): Descriptor {
  return {
    mediaType: MEDIA_TYPES.octetStream,
    digest: digestOf(bytes),
    sizeBytes: bytes.length,
    artifactType: null,
    platform: null,
    annotations: {},
    isForeign: false,
  };
}
