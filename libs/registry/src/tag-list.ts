// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest, isTag } from '@promograph/oci';

/** One page of `tags/list`, checked entry by entry; `google` is null where the host does not tell digests. */
export interface TagPage {
  readonly tags: readonly string[];
  readonly google: GooglePage | null;
}

/** What Artifact Registry and Container Registry add to `tags/list`. */
export interface GooglePage {
  /** Digest to media type, `''` where unknown. */
  readonly digests: ReadonlyMap<Digest, string>;
  readonly tags: ReadonlyMap<string, Digest>;
  /** When each digest was uploaded, milliseconds since 1970, where the host tells it. */
  readonly uploadedMs: ReadonlyMap<Digest, number>;
  readonly children: readonly string[];
}

/** A path component below a repository. */
const CHILD = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/;

/** Reads a page. What is no tag, digest or name is left out: it could not be asked for anyway. Null when it is no page. */
export function parseTagPage(json: unknown): TagPage | null {
  if (!isRecord(json)) return null;
  const tags = json['tags'] ?? [];
  if (!Array.isArray(tags)) return null;
  const { manifest } = json as { readonly manifest?: unknown };
  return { tags: tags.filter(isTagText), google: isRecord(manifest) ? googlePage(manifest, json['child']) : null };
}

function googlePage(manifest: Record<string, unknown>, child: unknown): GooglePage {
  const digests = new Map<Digest, string>();
  const tags = new Map<string, Digest>();
  const uploadedMs = new Map<Digest, number>();
  for (const digest of Object.keys(manifest)) {
    if (!isDigest(digest)) continue;
    const entry = manifest[digest];
    if (!isRecord(entry)) continue;
    digests.set(digest, typeof entry['mediaType'] === 'string' ? entry['mediaType'] : '');
    const uploaded = Number(entry['timeUploadedMs']);
    if (uploaded > 0) uploadedMs.set(digest, uploaded);
    if (!Array.isArray(entry['tag'])) continue;
    for (const tag of entry['tag']) if (isTagText(tag)) tags.set(tag, digest);
  }
  return { digests, tags, uploadedMs, children: Array.isArray(child) ? child.filter(isChild) : [] };
}

function isTagText(value: unknown): value is string {
  return typeof value === 'string' && isTag(value);
}

function isChild(value: unknown): value is string {
  return typeof value === 'string' && CHILD.test(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
