// SPDX-License-Identifier: Apache-2.0
import { RegistryError } from './registry-error.ts';

/** Pages of one list: ten thousand pages of a thousand tags are more than any registry holds. */
const MAX_PAGES = 10_000;

/** The URL of `Link: <...>; rel="next"`, as it stands there, or null. */
export function nextLink(header: string | readonly string[] | undefined): string | null {
  const text = header === undefined ? '' : typeof header === 'string' ? header : header.join(', ');
  for (const [, url, parameters] of text.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(parameters ?? '')) return url ?? null;
  }
  return null;
}

/** Follows the pages of one list: only on the same origin and below `/v2/`, never in a circle, never without end. */
export class PageWalk {
  readonly #origin: string;
  readonly #seen = new Set<string>();

  constructor(origin: string, firstPath: string) {
    this.#origin = origin;
    this.#seen.add(firstPath);
  }

  /** Path and query of the page after the one at `url`, or null at the end. Error: `REGISTRY_PROTOCOL`. */
  next(header: string | readonly string[] | undefined, url: string): string | null {
    const link = nextLink(header);
    if (link === null) return null;
    const wrong = (what: string): RegistryError =>
      new RegistryError('REGISTRY_PROTOCOL', `a next page ${what}`, { url });
    if (!URL.canParse(link, url)) throw wrong('that is no URL');
    const target = new URL(link, url);
    if (target.origin !== this.#origin || !target.pathname.startsWith('/v2/'))
      throw wrong('on another host or outside /v2/');
    const path = target.pathname + target.search;
    if (this.#seen.has(path)) throw wrong('that was there before');
    if (this.#seen.size >= MAX_PAGES) throw wrong('after too many others');
    this.#seen.add(path);
    return path;
  }
}
