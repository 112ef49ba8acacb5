// SPDX-License-Identifier: Apache-2.0

/** What may stand in a query as it is (RFC 3986), with `%` for what is encoded already. */
const NOT_IN_QUERY = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%[\]]/gu;

/** A query fit for a header: everything outside the alphabet of URLs is percent-encoded. '' stays ''. */
export function encodeQuery(query: string): string {
  if (query === '') return '';
  const safe = query.toWellFormed().replace(NOT_IN_QUERY, (character) => encodeURIComponent(character));
  return `?${safe}`;
}
