// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream';
import { type Descriptor, type Digest, isDigest, isRepositoryPath, type Repository } from '@promograph/oci';
import { repositoryPath } from './content-path.ts';
import { type Answer, type Call, discard, type HostSession } from './host-session.ts';
import { safeLocation } from './redirect-policy.ts';
import type { CallOptions, UploadSession, UploadStart } from './registry-client.ts';
import { RegistryError, type RegistryErrorCode } from './registry-error.ts';
import { pullScope, pushScope } from './scope.ts';
import { wireFailure } from './wire-failure.ts';

/** A blob that another repository of the same host has. */
export interface MountSource {
  readonly digest: Digest;
  readonly from: string;
}

/** A blob on its way into an open session; `answerMs` is the longest wait for the registry's last word. */
export interface BlobUpload {
  readonly session: UploadSession;
  readonly blob: Descriptor;
  readonly body: Readable;
  readonly answerMs: number;
}

/** Refusals of a mount after which a plain upload may still be welcome; the rest would befall it as well. */
const MOUNT_REFUSALS: readonly RegistryErrorCode[] = [
  'REGISTRY_UNAUTHORIZED',
  'REGISTRY_FORBIDDEN',
  'REGISTRY_NOT_FOUND',
  'REGISTRY_REFUSED',
  'REGISTRY_UNAVAILABLE',
  'REGISTRY_PROTOCOL',
];

/** Starts an upload, with a mount when `mount` is given: 201 is done, 202 an upload, a refusal leads to a plain start. */
export async function startUpload(
  session: HostSession,
  repository: Repository,
  options: CallOptions & { readonly mount?: MountSource },
): Promise<UploadStart> {
  const { mount } = options;
  if (mount && session.profile.mount) {
    try {
      // One try: what a mount saves is soon lost by insisting on it.
      return await session.exchange(startCall(repository, options, mount), (answer) =>
        startOf(session, repository, answer),
      );
    } catch (error) {
      if (!(error instanceof RegistryError) || (!MOUNT_REFUSALS.includes(error.code) && !error.retryable)) {
        throw options.signal?.aborted ? wireFailure(error, { method: 'POST', url: session.origin, ...options }) : error;
      }
    }
  }
  const call = startCall(repository, options, null);
  const start = await session.operation(
    () => session.exchange(call, (answer) => startOf(session, repository, answer)),
    options.signal,
  );
  return mount && start.kind === 'started' ? { ...start, isPlain: true } : start;
}

function startCall(repository: Repository, options: CallOptions, mount: MountSource | null): Call {
  if (mount && (!isDigest(mount.digest) || !isRepositoryPath(mount.from))) {
    throw new RegistryError('REGISTRY_REFUSED', `not a blob to mount: ${mount.from}@${mount.digest}`);
  }
  const query = mount ? `?mount=${encodeURIComponent(mount.digest)}&from=${encodeURIComponent(mount.from)}` : '';
  return {
    method: 'POST',
    path: `${repositoryPath(repository)}/blobs/uploads/${query}`,
    action: 'upload',
    priority: options.priority ?? 'upload',
    repository: repository.path,
    scopes:
      mount && mount.from !== repository.path
        ? [pushScope(repository.path), pullScope(mount.from)]
        : [pushScope(repository.path)],
    headers: { 'content-length': '0' },
    signal: options.signal,
  };
}

function startOf(session: HostSession, repository: Repository, answer: Answer): UploadStart {
  if (answer.status === 201) return { kind: 'mounted' };
  const { location } = answer.headers;
  if (answer.status !== 202 || typeof location !== 'string') {
    throw new RegistryError('REGISTRY_PROTOCOL', 'an upload that starts without a Location', {
      method: 'POST',
      url: answer.url,
      status: answer.status,
    });
  }
  const target = safeLocation(location, new URL(answer.url), new URL(session.origin).hostname);
  return { kind: 'started', session: { repository, location: target } };
}

/**
 * Sends the whole blob and closes the session. The body is destroyed when the registry answers before it has taken all of
 * it, so that nobody waits for a reader that is gone. An error of the body itself is thrown as it is.
 */
export async function finishUpload(session: HostSession, upload: BlobUpload, options: CallOptions): Promise<void> {
  const { blob, body } = upload;
  const call = finishCall(upload, options);
  try {
    const answer = await session.send(call);
    discard(answer);
    checkStored(answer, blob);
  } catch (error) {
    // The body's own failure; what the transport does to it has a code.
    const cause = error instanceof Error ? error.cause : undefined;
    const isBodys = cause instanceof Error && cause === body.errored && !('code' in cause);
    if (isBodys && !options.signal?.aborted) throw cause;
    const url = upload.session.location.href;
    throw digestRefusal(wireFailure(error, { method: 'PUT', url, signal: options.signal }));
  } finally {
    if (!body.destroyed) body.on('error', () => undefined).destroy();
  }
}

/** The location as it is, with the digest behind its query: what stands there is the registry's own. */
function finishCall(upload: BlobUpload, options: CallOptions): Call {
  const { blob, body } = upload;
  const { repository, location } = upload.session;
  const search = `${location.search}${location.search === '' ? '?' : '&'}digest=${encodeURIComponent(blob.digest)}`;
  return {
    method: 'PUT',
    origin: location.origin,
    path: location.pathname + search,
    action: 'upload',
    priority: options.priority ?? 'upload',
    repository: repository.path,
    scopes: [pushScope(repository.path)],
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.sizeBytes) },
    lane: 'body',
    headersTimeoutMs: upload.answerMs,
    signal: options.signal,
    ...(blob.sizeBytes === 0 ? {} : { body }),
  };
}

function checkStored(answer: Answer, blob: Descriptor): void {
  const stored = answer.headers['docker-content-digest'];
  if (typeof stored !== 'string' || stored === blob.digest) return;
  // Another algorithm's name of the same bytes cannot be checked here, and need not: whoever pulls will hash.
  if (stored.split(':', 1)[0] !== blob.digest.split(':', 1)[0]) return;
  const what = `the registry stored ${stored.slice(0, 140)} for ${blob.digest}`;
  throw new RegistryError('REGISTRY_DIGEST_MISMATCH', what, { method: 'PUT', url: answer.url });
}

/** A registry that hashed other bytes than we sent: the wire or a proxy changed them. */
function digestRefusal(error: Error): Error {
  if (!(error instanceof RegistryError) || error.status !== 400) return error;
  if (!error.diagnostics.some(({ code }) => code === 'DIGEST_INVALID')) return error;
  return new RegistryError('REGISTRY_DIGEST_MISMATCH', 'the registry received other bytes than were sent', {
    cause: error,
    retryable: true,
    status: error.status,
    diagnostics: error.diagnostics,
  });
}

/** Ends a session; whether that worked is of no interest to anybody. */
export async function cancelUpload(session: HostSession, upload: UploadSession, options: CallOptions): Promise<void> {
  const { repository, location } = upload;
  const call: Call = {
    method: 'DELETE',
    origin: location.origin,
    path: location.pathname + location.search,
    action: 'upload',
    priority: options.priority ?? 'upload',
    repository: repository.path,
    scopes: [pushScope(repository.path)],
    signal: options.signal,
  };
  await session.exchange(call, () => undefined).catch(() => undefined);
}
