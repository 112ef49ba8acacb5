// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '@promograph/oci';
import { readJson } from './body-reader.ts';
import { repositoryPath } from './content-path.ts';
import type { Answer, Call, HostSession } from './host-session.ts';
import { type PagePlace, PageWalk } from './page-walk.ts';
import type { CallOptions } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { pullScope } from './scope.ts';
import { parseTagPage, type TagPage } from './tag-list.ts';

/** A page of Google's map has some 400 bytes per digest: this is enough for 150,000 of them. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;

/** All pages of `tags/list` together. */
export interface TagListing {
  readonly tags: readonly string[];
  /** Null on hosts that tell only names. */
  readonly google: {
    readonly digests: ReadonlyMap<Digest, string>;
    readonly tags: ReadonlyMap<string, Digest>;
    readonly uploadedMs: ReadonlyMap<Digest, number>;
    readonly children: readonly string[];
  } | null;
}

/** Why there is no list: a host without `tags/list` says "not found" as well, of repositories that have tags. */
export type NoListing = 'unknown repository' | 'not found';

/** Whether there is no list, or none was asked for. */
export function isNone<Found extends object>(found: Found | string): found is string {
  return typeof found === 'string';
}

/** Reads all pages, of `pageSize` entries each. */
export async function listTagPages(
  session: HostSession,
  request: { readonly repository: Repository; readonly pageSize: number },
  options: CallOptions,
): Promise<TagListing | NoListing> {
  const { repository, pageSize } = request;
  const walk = new PageWalk(session.origin, `${repositoryPath(repository)}/tags/list?n=${pageSize}`);
  const tags: string[] = [];
  let google: GatheredPages | null = null;
  for (let place: PagePlace | null = walk.first; place !== null;) {
    const page = await readPage(session, listCall(repository, place, options), options);
    if (isNone(page)) return page;
    const next = walk.next(page.link, page.url);
    // Nearly always there is but one page, and nothing to gather.
    if (next === null && place === walk.first) {
      const children = new Set(page.google?.children);
      return { tags: page.tags, google: page.google && { ...page.google, children: [...children] } };
    }
    for (const tag of page.tags) tags.push(tag);
    if (page.google) {
      google ??= { digests: new Map(), tags: new Map(), uploadedMs: new Map(), children: new Set() };
      for (const [digest, mediaType] of page.google.digests) google.digests.set(digest, mediaType);
      for (const [tag, digest] of page.google.tags) google.tags.set(tag, digest);
      for (const [digest, uploadedMs] of page.google.uploadedMs) google.uploadedMs.set(digest, uploadedMs);
      for (const child of page.google.children) google.children.add(child);
    }
    place = next;
  }
  return { tags, google: google && { ...google, children: [...google.children] } };
}

/** The tags of one page, and whether there is no other; null when the host does not say what there is. */
export async function firstTagPage(
  session: HostSession,
  { repository, pageSize }: { readonly repository: Repository; readonly pageSize: number },
  options: CallOptions,
): Promise<{ readonly tags: readonly string[]; readonly isAll: boolean } | null> {
  const walk = new PageWalk(session.origin, `${repositoryPath(repository)}/tags/list?n=${pageSize}`);
  const page = await readPage(session, listCall(repository, walk.first, options), options);
  if (page === 'unknown repository') return { tags: [], isAll: true };
  if (page === 'not found') return null;
  return { tags: page.tags, isAll: walk.next(page.link, page.url) === null };
}

interface GatheredPages {
  readonly digests: Map<Digest, string>;
  readonly tags: Map<string, Digest>;
  readonly uploadedMs: Map<Digest, number>;
  readonly children: Set<string>;
}

function listCall(repository: Repository, place: PagePlace, options: CallOptions): Call {
  return {
    method: 'GET',
    ...place,
    action: 'list',
    priority: options.priority ?? 'scan',
    repository: repository.path,
    scopes: [pullScope(repository.path)],
    alsoExpects: [404],
    signal: options.signal,
  };
}

interface ReadPage extends TagPage {
  readonly link: string | string[] | undefined;
  readonly url: string;
}

async function readPage(session: HostSession, call: Call, options: CallOptions): Promise<ReadPage | NoListing> {
  const read = async (answer: Answer): Promise<ReadPage | NoListing> => {
    if (answer.status === 404) {
      return answer.diagnostics.some(({ code }) => code === 'NAME_UNKNOWN') ? 'unknown repository' : 'not found';
    }
    const { url } = answer;
    const limit = { method: 'GET', url, maxBytes: MAX_PAGE_BYTES, signal: options.signal };
    const page = parseTagPage(await readJson(answer, limit));
    if (page === null)
      throw new RegistryError('REGISTRY_PROTOCOL', 'a tag list of another shape', { method: 'GET', url });
    return { ...page, link: answer.headers['link'], url };
  };
  return session.operation(() => session.exchange(call, read), options.signal);
}
