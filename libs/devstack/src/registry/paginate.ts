// SPDX-License-Identifier: Apache-2.0
import { ProtocolFailure } from './protocol-failure.ts';

/** One page of a sorted listing and the Link header to the next, if there is one. */
export interface Page {
  readonly names: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Cuts the page that `n` and `last` ask for out of sorted names. `path` is that of the listing. */
export function paginate(sorted: readonly string[], query: URLSearchParams, path: string): Page {
  const last = query.get('last');
  const rest = last === null ? sorted : sorted.filter((name) => name > last);
  const n = query.get('n');
  if (n === null) return { names: rest, headers: {} };
  if (!/^\d{1,9}$/.test(n)) throw new ProtocolFailure(400, 'PAGINATION_NUMBER_INVALID');
  const names = rest.slice(0, Number(n));
  const end = names.at(-1);
  if (end === undefined || names.length === rest.length) return { names, headers: {} };
  return { names, headers: { link: `<${path}?n=${n}&last=${encodeURIComponent(end)}>; rel="next"` } };
}
