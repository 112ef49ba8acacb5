// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Repository } from '@promograph/oci';
import type { BlobLocations } from './blob-locations.ts';
import type { BlobPlacement } from './copy-event.ts';
import { orAborted } from './copy-settle.ts';
import type { FanOutTicket } from './fan-out-read.ts';
import type { OwnMounts } from './own-mounts.ts';
import type { CallOptions, RegistryClient, UploadSession } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** A destination that a blob is wanted at. */
export interface BlobTarget {
  readonly repository: Repository;
  readonly signal: AbortSignal;
  /** Whether the document above all blobs is there already; rejects where the destination is out of the run. */
  readonly isRootPresent: Promise<boolean>;
}

/** One attempt to bring one blob to one destination. */
export interface BlobAttempt {
  readonly client: RegistryClient;
  readonly locations: BlobLocations;
  readonly ownMounts: OwnMounts;
  readonly blob: Descriptor;
  readonly source: Repository;
  readonly target: BlobTarget;
  readonly ticket: FanOutTicket;
  /** An upload with an unknown outcome came before this one. */
  readonly isRetry: boolean;
}

/** An upload whose body is spent: the only failure that the engine itself tries again, all others the client has tried. */
export interface BrokenUpload {
  readonly error: unknown;
  readonly session: UploadSession;
}

/**
 * Looks, mounts, or uploads, with as few requests as the case allows: a mount from a known place stands for the look, and the
 * session that a refused mount leaves behind is used.
 */
export async function placeBlob(attempt: BlobAttempt): Promise<BlobPlacement | BrokenUpload> {
  const { blob, isRetry, locations, source, target } = attempt;
  const { repository } = target;
  const isRootPresent = await orAborted(target.isRootPresent, target.signal);
  if (locations.has(repository, blob.digest)) return 'skipped';
  const from = locations.mountSource(repository, blob.digest, source);
  // Where a root is present its blobs most likely are: looking writes nothing.
  const isLookOnly = isRootPresent || isRetry;
  const isLookFirst = isLookOnly || from === null || !locations.isMounting(repository.host);
  let session: UploadSession | null = null;
  if (isLookFirst) {
    const found = isLookOnly ? await look(attempt) : await lookOrStart(attempt);
    if (found === 'present') return isRetry ? 'copied' : 'skipped';
    session = found;
  }
  if (session === null && from !== null) {
    const mount = await mountBlob(attempt, from);
    if (mount === 'mounted') return 'mounted';
    session = mount;
    if (!isLookFirst && (await isThere(attempt))) {
      if (session !== null) cancelQuietly(attempt, session);
      return 'skipped';
    }
  }
  return uploadBlob(attempt, session);
}

/** Into the session that there is, or into a new one once the bytes are there. */
async function uploadBlob(attempt: BlobAttempt, open: UploadSession | null): Promise<BlobPlacement | BrokenUpload> {
  const { blob, locations, target, ticket } = attempt;
  const body = await ticket.need().catch((error: unknown) => {
    if (open !== null) cancelQuietly(attempt, open);
    throw error;
  });
  const session = open ?? (await startUpload(attempt));
  try {
    await attempt.client.finishUpload(session, blob, body, calling(attempt));
  } catch (error) {
    return { error, session };
  }
  locations.add(target.repository, blob.digest);
  return 'copied';
}

/** Best effort, waited for by nobody: what stays open the registry purges by itself. */
export function cancelQuietly(attempt: Pick<BlobAttempt, 'client'>, session: UploadSession): void {
  attempt.client.cancelUpload(session, { priority: 'upload' }).catch(() => undefined);
}

function calling(attempt: BlobAttempt): CallOptions {
  return { signal: attempt.target.signal, priority: 'upload' };
}

async function isThere(attempt: BlobAttempt): Promise<boolean> {
  const { blob, client, locations, target } = attempt;
  const isPresent = await client.hasBlob(target.repository, blob.digest, calling(attempt));
  if (isPresent) locations.add(target.repository, blob.digest);
  return isPresent;
}

async function look(attempt: BlobAttempt): Promise<'present' | null> {
  return (await isThere(attempt)) ? 'present' : null;
}

/** A look; on hosts that can do both at once, the session for a blob that is missing comes with it. */
async function lookOrStart(attempt: BlobAttempt): Promise<'present' | UploadSession | null> {
  const { blob, client, locations, ownMounts, target } = attempt;
  const { host, path } = target.repository;
  if (!ownMounts.mayAsk(host)) return look(attempt);
  const mount = { digest: blob.digest, from: path };
  const start = await client.startUpload(target.repository, { ...calling(attempt), mount });
  const session = start.kind === 'started' ? start.session : null;
  const isAnswer = start.kind === 'mounted' || start.isPlain === undefined;
  if (!isAnswer) ownMounts.noteUnanswered(host);
  const isPresent = isAnswer
    ? await ownMounts.isThere(host, session === null, () => isThere(attempt))
    : await isThere(attempt);
  if (!isPresent) return session;
  if (session !== null) cancelQuietly(attempt, session);
  locations.add(target.repository, blob.digest);
  return 'present';
}

/** The session that is left where the registry does not mount; null where it does not even take the question. */
async function mountBlob(attempt: BlobAttempt, from: string): Promise<'mounted' | UploadSession | null> {
  const { blob, client, locations, target } = attempt;
  const { repository, signal } = target;
  try {
    const mount = { digest: blob.digest, from };
    const start = await client.startUpload(repository, { ...calling(attempt), mount });
    locations.noteMount(repository.host, start.kind === 'mounted');
    if (start.kind === 'started') return start.session;
    locations.add(repository, blob.digest);
    return 'mounted';
  } catch (error) {
    // Registries answer a mount that they do not like with almost anything; a plain upload tells whether it was the mount.
    if (signal.aborted || !(error instanceof RegistryError)) throw error;
    locations.noteMount(repository.host, false);
    return null;
  }
}

async function startUpload(attempt: BlobAttempt): Promise<UploadSession> {
  const { repository } = attempt.target;
  const start = await attempt.client.startUpload(repository, calling(attempt));
  if (start.kind === 'started') return start.session;
  throw new RegistryError('REGISTRY_PROTOCOL', `${repository.host} mounted a blob that nobody asked it to mount`);
}
