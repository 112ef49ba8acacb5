// SPDX-License-Identifier: Apache-2.0
import type { ContentRequest } from './request-form.ts';

/** What may stand in a query as it is (RFC 3986), with `%` for what is encoded already. */
const NOT_IN_QUERY = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%[\]]/gu;

/** The path behind a registry's prefix: made from parsed parts, whose alphabets need no encoding. */
export function contentPath({ kind, repository, reference }: ContentRequest): string {
  switch (kind) {
    case 'manifest-by-tag':
    case 'manifest-by-digest':
      return `${repository}/manifests/${reference}`;
    case 'blob':
      return `${repository}/blobs/${reference}`;
    case 'tags':
      return `${repository}/tags/list`;
    case 'referrers':
      return `${repository}/referrers/${reference}`;
  }
}

/** A query fit for a header: everything outside the alphabet of URLs is percent-encoded. '' stays ''. */
export function encodeQuery(query: string): string {
  if (query === '') return '';
  const safe = query.toWellFormed().replace(NOT_IN_QUERY, (character) => encodeURIComponent(character));
  return `?${safe}`;
}
