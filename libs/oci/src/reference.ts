// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest } from './digest.ts';
import { isTag, parseRepository, printRepository, type Repository } from './names.ts';
import { OciError } from './oci-error.ts';

/** `host/path`, `host/path:tag`, `host/path@digest` or `host/path:tag@digest`. */
export interface ImageReference {
  readonly repository: Repository;
  readonly tag: string | null;
  readonly digest: Digest | null;
}

/** Parses a reference without any default host or tag. Error: `OCI_INVALID_REFERENCE` and those of its parts. */
export function parseReference(text: string): ImageReference {
  const at = text.indexOf('@');
  const digestText = at < 0 ? null : text.slice(at + 1);
  const name = at < 0 ? text : text.slice(0, at);
  if (digestText !== null && !isDigest(digestText)) {
    throw new OciError('OCI_INVALID_REFERENCE', `invalid digest in reference: ${text}`);
  }
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  const tag = tagged ? name.slice(colon + 1) : null;
  if (tag !== null && !isTag(tag)) throw new OciError('OCI_INVALID_REFERENCE', `invalid tag in reference: ${text}`);
  return { repository: parseRepository(tagged ? name.slice(0, colon) : name), tag, digest: digestText };
}

/** The reference as text, tag before digest. */
export function printReference(reference: ImageReference): string {
  const tag = reference.tag === null ? '' : `:${reference.tag}`;
  return printRepository(reference.repository) + tag + (reference.digest === null ? '' : `@${reference.digest}`);
}
