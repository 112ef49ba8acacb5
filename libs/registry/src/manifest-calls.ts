// SPDX-License-Identifier: Apache-2.0
import {
  type Digest,
  digestAlgorithm,
  digestOf,
  isDigest,
  MANIFEST_ACCEPT,
  type ManifestDocument,
  MAX_MANIFEST_BYTES,
  parseManifestDocument,
  type Repository,
} from '@promograph/oci';
import { readBody } from './body-reader.ts';
import { manifestPath } from './content-path.ts';
import type { Answer, Call, HostSession } from './host-session.ts';
import type { CallOptions, ManifestHead, ManifestPut } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { pullScope, pushScope } from './scope.ts';

const MAYBE: readonly number[] = [404];
const ACCEPT = { accept: MANIFEST_ACCEPT };

/** A manifest of one repository, by tag or digest. */
export interface ManifestPlace {
  readonly session: HostSession;
  readonly repository: Repository;
  readonly reference: string;
}

function readCall(place: ManifestPlace, method: 'GET' | 'HEAD', options: CallOptions): Call {
  return {
    method,
    path: manifestPath(place.repository, place.reference),
    action: method === 'HEAD' ? 'head' : 'read',
    priority: options.priority ?? 'scan',
    repository: place.repository.path,
    scopes: [pullScope(place.repository.path)],
    headers: ACCEPT,
    alsoExpects: MAYBE,
    signal: options.signal,
  };
}

/** Digest, type and size without the body; hosts that do not tell the digest are asked for the body, which is hashed. */
export async function headManifest(place: ManifestPlace, options: CallOptions): Promise<ManifestHead | null> {
  const call = readCall(place, 'HEAD', options);
  const head = await place.session.operation(() => place.session.exchange(call, headOf), options.signal);
  if (head === null) return null;
  const { digest } = head;
  if (digest !== null && (digest === place.reference || !isDigest(place.reference))) return { ...head, digest };
  // No digest in the header, or not the one that was asked for: only the bytes can tell.
  const document = await getManifest(place, options);
  return document && { digest: document.digest, mediaType: document.mediaType, sizeBytes: document.bytes.length };
}

function headOf(answer: Answer): { digest: Digest | null; mediaType: string; sizeBytes: number | null } | null {
  if (answer.status === 404) return null;
  const digest = answer.headers['docker-content-digest'];
  const length = answer.headers['content-length'];
  return {
    digest: typeof digest === 'string' && isDigest(digest) ? digest : null,
    mediaType: typeOf(answer),
    sizeBytes: typeof length === 'string' && /^\d{1,15}$/.test(length) && length !== '0' ? Number(length) : null,
  };
}

function typeOf(answer: Answer): string {
  const type = answer.headers['content-type'];
  return typeof type === 'string' ? (type.split(';', 1)[0] ?? '').trim() : '';
}

/** The document, hashed; bytes that are not what was named are asked for again twice, then `REGISTRY_DIGEST_MISMATCH`. */
export async function getManifest(place: ManifestPlace, options: CallOptions): Promise<ManifestDocument | null> {
  const call = readCall(place, 'GET', options);
  const read = async (answer: Answer): Promise<ManifestDocument | null> => {
    if (answer.status === 404) return null;
    const limit = { method: 'GET', url: answer.url, maxBytes: MAX_MANIFEST_BYTES, signal: options.signal };
    const bytes = await readBody(answer, limit);
    const { reference } = place;
    const algorithm = isDigest(reference) ? digestAlgorithm(reference) : 'sha256';
    checkDigest(bytes, isDigest(reference) ? reference : answer.headers['docker-content-digest'], answer);
    return parseManifestDocument(bytes, typeOf(answer), algorithm);
  };
  return place.session.operation(() => place.session.exchange(call, read), options.signal);
}

function checkDigest(bytes: Uint8Array, wanted: string | string[] | undefined, answer: Answer): void {
  if (typeof wanted !== 'string' || !isDigest(wanted)) return;
  const actual = digestOf(bytes, digestAlgorithm(wanted));
  if (actual === wanted) return;
  throw new RegistryError('REGISTRY_DIGEST_MISMATCH', `${wanted} was promised, and ${actual} came`, {
    method: 'GET',
    url: answer.url,
    retryable: true,
  });
}

/**
 * Puts the exact bytes. Before it tries again after an outcome that nobody knows (a lost answer, a timeout, a 5xx) it asks
 * what is there: our document is success, another one under a tag is `REGISTRY_REFUSED`, because writing again would move it.
 * A referrer put by its digest is put again instead: that moves nothing, and only the answer tells whether it is listed.
 */
export async function putManifest(
  place: ManifestPlace,
  document: ManifestDocument,
  options: CallOptions,
): Promise<ManifestPut> {
  const { session, repository, reference } = place;
  const call: Call = {
    method: 'PUT',
    path: manifestPath(repository, reference),
    action: 'manifestWrite',
    priority: options.priority ?? 'manifest',
    repository: repository.path,
    scopes: [pushScope(repository.path)],
    headers: { 'content-type': document.mediaType },
    body: document.bytes,
    signal: options.signal,
  };
  if (isDigest(reference) && digestOf(document.bytes, digestAlgorithm(reference)) !== reference) {
    throw new RegistryError('REGISTRY_DIGEST_MISMATCH', `the document to put is not ${reference}`);
  }
  const mayAsk = document.subject === null || !isDigest(reference);
  let isOutcomeUnknown = false;
  const attempt = async (): Promise<ManifestPut> => {
    if (isOutcomeUnknown && mayAsk && (await isThere(place, document, options))) return { subject: null };
    try {
      return await session.exchange(call, (answer) => putOf(answer, document));
    } catch (error) {
      isOutcomeUnknown ||= error instanceof RegistryError && leavesOutcomeOpen(error);
      throw error;
    }
  };
  return session.operation(attempt, options.signal);
}

async function isThere(place: ManifestPlace, document: ManifestDocument, options: CallOptions): Promise<boolean> {
  const call = readCall(place, 'HEAD', { priority: 'manifest', ...options });
  const head = await place.session.exchange(call, headOf);
  if (head === null) return false;
  if (head.digest === document.digest || head.digest === place.reference) return true;
  if (head.digest === null || isDigest(place.reference)) return false;
  throw new RegistryError(
    'REGISTRY_REFUSED',
    `the tag points to ${head.digest} now, after a write whose outcome is unknown`,
    {
      method: 'PUT',
      url: place.session.origin + call.path,
      hint: 'Run again: the state of the registry decides.',
    },
  );
}

/** A 429, a refusal or a refused connection changed nothing; everything else may have been done before it went wrong. */
function leavesOutcomeOpen(error: RegistryError): boolean {
  return error.retryable && error.code !== 'REGISTRY_RATE_LIMITED';
}

function putOf(answer: Answer, document: ManifestDocument): ManifestPut {
  checkStored(answer, document);
  const subject = answer.headers['oci-subject'];
  return { subject: typeof subject === 'string' && isDigest(subject) ? subject : null };
}

/** A registry that stored other bytes than ours under our digest's algorithm must not go unnoticed. */
function checkStored(answer: Answer, document: ManifestDocument): void {
  const stored = answer.headers['docker-content-digest'];
  if (typeof stored !== 'string' || !isDigest(stored) || stored === document.digest) return;
  if (stored === digestOf(document.bytes, digestAlgorithm(stored))) return;
  throw new RegistryError('REGISTRY_DIGEST_MISMATCH', `the registry stored ${stored} for ${document.digest}`, {
    method: 'PUT',
    url: answer.url,
  });
}
