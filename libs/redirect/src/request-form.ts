// SPDX-License-Identifier: Apache-2.0
import { isDigest, isRepositoryPath, isTag } from '@promograph/oci';

/** What a request for content names. */
export type ContentKind = 'manifest-by-tag' | 'manifest-by-digest' | 'blob' | 'tags' | 'referrers';

/** A request for content, with every part checked by the grammar of OCI names. */
export interface ContentRequest {
  readonly kind: ContentKind;
  /** `<repository>/<kind>/<reference>`, in alphabets that need no encoding. */
  readonly path: string;
  readonly repository: string;
  /** Tag or digest; empty for a list of tags. */
  readonly reference: string;
}

/** A request that is answered and never forwarded. Codes are those of the distribution specification. */
export interface RefusedRequest {
  readonly kind: 'refused';
  readonly status: 400 | 404 | 405;
  readonly code: 'UNSUPPORTED' | 'NAME_UNKNOWN' | 'DIGEST_INVALID' | 'NOT_FOUND';
}

/** The form of a request: everything that a front door has an answer to. */
export type RequestForm = ContentRequest | RefusedRequest | { readonly kind: 'ping' | 'information' | 'privacy' };

const NOT_FOUND: RefusedRequest = { kind: 'refused', status: 404, code: 'NOT_FOUND' };
const NAME_UNKNOWN: RefusedRequest = { kind: 'refused', status: 404, code: 'NAME_UNKNOWN' };
const DIGEST_INVALID: RefusedRequest = { kind: 'refused', status: 400, code: 'DIGEST_INVALID' };
const NOT_ALLOWED: RefusedRequest = { kind: 'refused', status: 405, code: 'UNSUPPORTED' };

/** Paths with a meaning of their own; compared whole, so that `/v2foo` and `/privacyfoo` are nothing. */
const FIXED: ReadonlyMap<string, RequestForm> = new Map<string, RequestForm>([
  ['/', { kind: 'information' }],
  ['/privacy', { kind: 'privacy' }],
  ['/privacy/', { kind: 'privacy' }],
  ['/v2', { kind: 'ping' }],
  ['/v2/', { kind: 'ping' }],
]);

const LONGEST_FIXED = Math.max(...[...FIXED.keys()].map((path) => path.length));

/**
 * Reads method and path of a request, as they were sent. What is no known form is refused: a path never reaches a registry
 * unless every part of it was understood. Percent-encoded octets are decoded once, and a decoded slash is no separator.
 */
export function parseRequest(method: string, path: string): RequestForm {
  if (method !== 'GET' && method !== 'HEAD') return NOT_ALLOWED;
  // A longer path need not be hashed to know that it is none of these.
  const fixed = path.length <= LONGEST_FIXED ? FIXED.get(path) : undefined;
  if (fixed !== undefined) return fixed;
  if (!path.startsWith('/v2/')) return NOT_FOUND;
  const plain = path.includes('%') ? decodeSegments(path) : path;
  return plain === null ? NOT_FOUND : parseContent(plain);
}

/** Splits from the right: names may hold components such as `tags` and `manifests` themselves. */
function parseContent(path: string): RequestForm {
  const lastSlash = slashBefore(path, path.length);
  const kindSlash = slashBefore(path, lastSlash);
  // Nothing between `/v2/` and the kind: `/v2/_catalog`, `/v2/manifests/x`.
  if (kindSlash < '/v2/'.length) return NOT_FOUND;
  const repository = path.slice('/v2/'.length, kindSlash);
  const reference = path.slice(lastSlash + 1);
  const make = FORMS.get(path.slice(kindSlash + 1, lastSlash));
  if (make === undefined) return NOT_FOUND;
  // All of its parts are checked: what is between them is a slash and the kind.
  return isRepositoryPath(repository) ? make({ path: path.slice('/v2/'.length), repository, reference }) : NAME_UNKNOWN;
}

const SLASH = 0x2f;

/** Place of the last slash before `end`, or -1. As `lastIndexOf`, which V8 leaves its compiled code for. */
function slashBefore(path: string, end: number): number {
  let at = end - 1;
  while (at >= 0 && path.charCodeAt(at) !== SLASH) at -= 1;
  return at;
}

type Parts = Omit<ContentRequest, 'kind'>;

type FormMaker = (parts: Parts) => RequestForm;

const FORMS: ReadonlyMap<string, FormMaker> = new Map<string, FormMaker>([
  ['manifests', manifestForm],
  ['blobs', (parts) => digestForm('blob', parts)],
  ['referrers', (parts) => digestForm('referrers', parts)],
  ['tags', tagsForm],
]);

function manifestForm(parts: Parts): RequestForm {
  const { path, repository, reference } = parts;
  // A tag has no colon, so that a colon says that a digest was meant.
  if (reference.includes(':')) return digestForm('manifest-by-digest', parts);
  return isTag(reference) ? { kind: 'manifest-by-tag', path, repository, reference } : NOT_FOUND;
}

function digestForm(kind: ContentKind, { path, repository, reference }: Parts): RequestForm {
  if (reference === '') return NOT_FOUND;
  return isDigest(reference) ? { kind, path, repository, reference } : DIGEST_INVALID;
}

function tagsForm({ path, repository, reference }: Parts): RequestForm {
  return reference === 'list' ? { kind: 'tags', path, repository, reference: '' } : NOT_FOUND;
}

function decodeSegments(path: string): string | null {
  try {
    const segments = path.split('/').map(decodeURIComponent);
    return segments.some((segment) => segment.includes('/')) ? null : segments.join('/');
  } catch {
    return null;
  }
}
