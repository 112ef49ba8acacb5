// SPDX-License-Identifier: Apache-2.0
import type { TagLeaseStore } from '@promograph/limiter';
import { type Digest, OciError, isTag, printRepository } from '@promograph/oci';
import type { TagOutcome, TagRequest } from './copy-engine.ts';
import type { CallOptions, RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** What tags are written with. */
export interface TagPublisher {
  readonly client: RegistryClient;
  readonly leases: TagLeaseStore;
  /** Whether this run itself saw everything below the digest at the destination. */
  readonly isComplete: (request: TagRequest) => boolean;
}

/**
 * Lease, read, write, read back. A tag that points elsewhere is left alone, whenever that shows: before the write, by an immutable
 * tag's refusal, or afterwards. Errors: `OCI_INVALID_TAG`, `REGISTRY_NOT_FOUND` when the digest is not at the destination, and those
 * of the registry.
 */
export async function publishTag(publisher: TagPublisher, request: TagRequest): Promise<TagOutcome> {
  const { destination, document, tag } = request;
  if (!isTag(tag)) throw new OciError('OCI_INVALID_TAG', `invalid tag: ${tag}`);
  const name = `${printRepository(destination)}:${tag}`;
  await using _lease = await publisher.leases.acquire(name, document.digest, request.signal);
  const before = await readTag(publisher, request, tag);
  if (before !== null) return outcome(before, document.digest, 'present');
  if (!publisher.isComplete(request) && (await readTag(publisher, request, document.digest)) === null) {
    throw new RegistryError(
      'REGISTRY_NOT_FOUND',
      `${printRepository(destination)}@${document.digest} is not there to be tagged`,
    );
  }
  await writeTag(publisher, request);
  const after = await readTag(publisher, request, tag);
  if (after === null) throw new RegistryError('REGISTRY_PROTOCOL', `${name} was accepted but is not there`);
  return outcome(after, document.digest, 'tagged');
}

/** After a failed write the tag itself says what became of it: a lost answer, or a refusal because somebody else was first. */
async function writeTag(publisher: TagPublisher, request: TagRequest): Promise<void> {
  const { destination, document, tag } = request;
  try {
    await publisher.client.putManifest(destination, tag, document, calling(request));
  } catch (error) {
    if (request.signal?.aborted) throw error;
    const observed = await readTag(publisher, request, tag).catch(() => null);
    if (observed === null) throw error;
  }
}

async function readTag(publisher: TagPublisher, request: TagRequest, reference: string): Promise<Digest | null> {
  const head = await publisher.client.headManifest(request.destination, reference, calling(request));
  return head?.digest ?? null;
}

function outcome(observed: Digest, wanted: Digest, status: 'tagged' | 'present'): TagOutcome {
  return observed === wanted ? { status } : { status: 'moved', observed };
}

function calling(request: TagRequest): CallOptions {
  return { priority: 'commit', ...(request.signal ? { signal: request.signal } : {}) };
}
