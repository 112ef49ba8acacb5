// SPDX-License-Identifier: Apache-2.0
import { RegistryError } from './registry-error.ts';

/** Pages of one list: ten thousand pages of a thousand tags are more than any registry holds. */
const MAX_PAGES = 10_000;

/** The URL of `Link: <...>; rel="next"`, as it stands there, or null. */
function nextLink(header: string | readonly string[] | undefined): string | null {
  const text = header === undefined ? '' : typeof header === 'string' ? header : header.join(', ');
  for (const [, url, parameters] of text.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(parameters ?? '')) return url ?? null;
  }
  return null;
}

/** Where a page is. */
export interface PagePlace {
  readonly origin: string;
  /** With query. */
  readonly path: string;
}

/**
 * Follows the pages of one list: only on the origin that answered (a registry may have redirected us; credentials stay at
 * home in any case), below `/v2/`, never in a circle, never without end.
 */
export class PageWalk {
  readonly first: PagePlace;
  readonly #seen = new Set<string>();

  constructor(origin: string, path: string) {
    this.first = { origin, path };
    this.#seen.add(origin + path);
  }

  /** The page after the one that answered from `url`, or null at the end. Error: `REGISTRY_PROTOCOL`. */
  next(header: string | readonly string[] | undefined, url: string): PagePlace | null {
    const link = nextLink(header);
    if (link === null) return null;
    const wrong = (what: string): RegistryError =>
      new RegistryError('REGISTRY_PROTOCOL', `a next page ${what}`, { url });
    if (!URL.canParse(link, url)) throw wrong('that is no URL');
    const { origin, pathname, search } = new URL(link, url);
    if (origin !== new URL(url).origin || !pathname.startsWith('/v2/')) throw wrong('on another host or outside /v2/');
    const path = pathname + search;
    if (this.#seen.has(origin + path)) throw wrong('that was there before');
    if (this.#seen.size >= MAX_PAGES) throw wrong('after too many others');
    this.#seen.add(origin + path);
    return { origin, path };
  }
}
