// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '@promograph/oci';
import type { HostSession } from './host-session.ts';
import type { ListingStyle } from './listing-style.ts';
import { type FoundTags, ManifestHeads, type TagNames } from './manifest-heads.ts';
import type { CallOptions, ObservationRequest, RepositoryContents, TagInventory } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { firstTagPage, isNone, listTagPages, type NoListing, type TagListing } from './tag-calls.ts';

/** A host with what is known of its listings. */
export interface ObservedHost {
  readonly session: HostSession;
  readonly style: ListingStyle;
}

/** Artifact Registry's list is incomplete above this many entries (its documentation): the rest is asked for one by one. */
const GOOGLE_LIMIT = 10_000;

/** What of the request is there; see `RegistryClient.observe`. */
export async function observeRepository(
  host: ObservedHost,
  observation: { readonly repository: Repository; readonly request: ObservationRequest },
  options: CallOptions,
): Promise<RepositoryContents | null> {
  const { repository, request } = observation;
  const listing = await host.style.listing(() => list(host, repository, options));
  if (isNone(listing) && host.style.tellsDigests) return null;
  const google = isNone(listing) ? null : listing.google;
  const known = google === null ? emptyContents() : contentsOf(google);
  if (known.isComplete) return known;
  const heads = new ManifestHeads({ session: host.session, repository }, options);
  const asked = request.tags.filter((tag) => !known.tags.has(tag));
  const tags = await heads.readTags(asked, namesIn(listing), () => tagNames(host, repository, options));
  addTags(known, tags.found);
  const digests = await heads.read(request.digests.filter((digest) => !known.digests.has(digest)));
  for (const [, head] of digests) known.digests.set(head.digest, head.mediaType);
  // A listing that lags behind may say that there is nothing: where there is something, each tag is asked for after all.
  if (known.tags.size === 0 && digests.length > 0) addTags(known, await heads.read(tags.unnamed));
  return known;
}

function addTags(contents: Contents, tags: FoundTags['found']): void {
  for (const [tag, head] of tags) {
    contents.tags.set(tag, head.digest);
    contents.digests.set(head.digest, head.mediaType);
  }
}

/** Everything that a listing and, on hosts that tell only names, a HEAD per tag can tell. */
export async function listContents(
  host: ObservedHost,
  repository: Repository,
  options: CallOptions,
): Promise<RepositoryContents | null> {
  const first = await host.style.listing(() => list(host, repository, options));
  const listing = first === 'unneeded' ? await list(host, repository, options) : first;
  if (isNone(listing)) return null;
  if (listing.google !== null) return contentsOf(listing.google);
  const contents = emptyContents();
  addTags(contents, await new ManifestHeads({ session: host.session, repository }, options).read(listing.tags));
  return contents;
}

/** What one listing tells of tags; see `RegistryClient.listTagDigests`. */
export function inventoryOf({ tags, google }: TagListing): TagInventory {
  const names = tags.map((tag) => [tag, null] as const);
  if (google === null) return { tags: new Map(names), isComplete: true, digests: null, uploadedMs: null };
  const { isComplete } = contentsOf(google);
  const digests = new Set(google.digests.keys());
  return { tags: new Map([...names, ...google.tags]), isComplete, digests, uploadedMs: google.uploadedMs };
}

interface Contents {
  readonly tags: Map<string, Digest>;
  readonly digests: Map<Digest, string>;
  readonly children: readonly string[];
  /** What is not here is not there. */
  readonly isComplete: boolean;
}

function emptyContents(): Contents {
  return { tags: new Map(), digests: new Map(), children: [], isComplete: false };
}

function contentsOf(google: NonNullable<TagListing['google']>): Contents {
  return {
    tags: new Map(google.tags),
    digests: new Map(google.digests),
    children: google.children,
    isComplete: google.digests.size < GOOGLE_LIMIT && google.tags.size < GOOGLE_LIMIT,
  };
}

function list(host: ObservedHost, repository: Repository, options: CallOptions): Promise<TagListing | NoListing> {
  return listTagPages(host.session, { repository, pageSize: host.style.pageSize }, options);
}

/** Of a listing that was read in any case; Google's tells too little once it is too long. */
function namesIn(listing: TagListing | NoListing | 'unneeded'): TagNames {
  // What a host does not know has no tags; digests without one it may have all the same.
  if (listing === 'unknown repository') return new Set();
  return !isNone(listing) && listing.google === null ? new Set(listing.tags) : null;
}

/** One page: more may cost more than they spare. A host that does not list may still answer for each tag. */
async function tagNames(host: ObservedHost, repository: Repository, options: CallOptions): Promise<TagNames> {
  try {
    const page = await firstTagPage(host.session, { repository, pageSize: host.style.pageSize }, options);
    return page?.isAll ? new Set(page.tags) : null;
  } catch (error) {
    if (error instanceof RegistryError && !options.signal?.aborted) return null;
    throw error;
  }
}
