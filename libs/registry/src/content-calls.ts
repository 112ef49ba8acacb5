// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest, Repository } from '@promograph/oci';
import { blobPath } from './content-path.ts';
import { type Answer, type Call, discard, type HostSession } from './host-session.ts';
import type { BlobStream, CallOptions } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { pullScope } from './scope.ts';

/** Whether the repository holds the blob. */
export async function hasBlob(
  session: HostSession,
  blob: { readonly repository: Repository; readonly digest: Digest },
  options: CallOptions,
): Promise<boolean> {
  const call: Call = {
    method: 'HEAD',
    path: blobPath(blob.repository, blob.digest),
    action: 'head',
    priority: options.priority ?? 'scan',
    repository: blob.repository.path,
    scopes: [pullScope(blob.repository.path)],
    alsoExpects: [404],
    signal: options.signal,
  };
  return session.operation(() => session.exchange(call, ({ status }) => status !== 404), options.signal);
}

/**
 * Opens the blob for reading, redirects followed. Retried until the answer begins, not after: what was read is spent. An
 * announced length that is not the descriptor's is `REGISTRY_DIGEST_MISMATCH`.
 */
export async function openBlob(
  session: HostSession,
  source: { readonly repository: Repository; readonly blob: Descriptor },
  options: CallOptions,
): Promise<BlobStream> {
  const { repository, blob } = source;
  const call: Call = {
    method: 'GET',
    path: blobPath(repository, blob.digest),
    action: 'read',
    priority: options.priority ?? 'upload',
    repository: repository.path,
    scopes: [pullScope(repository.path)],
    lane: 'body',
    signal: options.signal,
  };
  const answer = await session.operation(async () => checkLength(await session.send(call), blob), options.signal);
  return { body: answer.body, sizeBytes: lengthOf(answer) };
}

function checkLength(answer: Answer, blob: Descriptor): Answer {
  const length = lengthOf(answer);
  if (length === null || length === blob.sizeBytes) return answer;
  discard(answer);
  const what = `${blob.digest} has ${blob.sizeBytes} bytes by its descriptor, and ${length} are announced`;
  throw new RegistryError('REGISTRY_DIGEST_MISMATCH', what, { method: 'GET', url: answer.url, retryable: true });
}

function lengthOf(answer: Answer): number | null {
  const length = answer.headers['content-length'];
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : null;
}
