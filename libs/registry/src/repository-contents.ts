// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '@promograph/oci';
import pLimit from 'p-limit';
import type { HostSession } from './host-session.ts';
import type { ListingStyle } from './listing-style.ts';
import { headManifest } from './manifest-calls.ts';
import type { CallOptions, ObservationRequest, RepositoryContents, TagInventory } from './registry-client.ts';
import { listTagPages, type TagListing } from './tag-calls.ts';

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
  if (listing === null && host.style.tellsDigests) return null;
  const google = listing === null || listing === 'unneeded' ? null : listing.google;
  const known = google === null ? emptyContents() : contentsOf(google);
  if (known.isComplete) return known;
  const heads = new HeadReader(host, repository, options);
  const tags = await heads.read(request.tags.filter((tag) => !known.tags.has(tag)));
  for (const [tag, head] of tags) {
    known.tags.set(tag, head.digest);
    known.digests.set(head.digest, head.mediaType);
  }
  const digests = await heads.read(request.digests.filter((digest) => !known.digests.has(digest)));
  for (const [, head] of digests) known.digests.set(head.digest, head.mediaType);
  return known;
}

/** Everything that a listing and, on hosts that tell only names, a HEAD per tag can tell. */
export async function listContents(
  host: ObservedHost,
  repository: Repository,
  options: CallOptions,
): Promise<RepositoryContents | null> {
  const first = await host.style.listing(() => list(host, repository, options));
  const listing = first === 'unneeded' ? await list(host, repository, options) : first;
  if (listing === null) return null;
  if (listing.google !== null) return contentsOf(listing.google);
  const contents = emptyContents();
  for (const [tag, head] of await new HeadReader(host, repository, options).read(listing.tags)) {
    contents.tags.set(tag, head.digest);
    contents.digests.set(head.digest, head.mediaType);
  }
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

function list(host: ObservedHost, repository: Repository, options: CallOptions): Promise<TagListing | null> {
  return listTagPages(host.session, { repository, pageSize: host.style.pageSize }, options);
}

/** Many HEADs of one repository, as many at once as the host takes; the first failure ends them all. */
class HeadReader {
  readonly #host: ObservedHost;
  readonly #repository: Repository;
  readonly #options: CallOptions;

  constructor(host: ObservedHost, repository: Repository, options: CallOptions) {
    this.#host = host;
    this.#repository = repository;
    this.#options = options;
  }

  /** The references that are there, with their digest and media type, in the order of `references`. */
  async read<Reference extends string>(
    references: readonly Reference[],
  ): Promise<[Reference, { readonly digest: Digest; readonly mediaType: string }][]> {
    const { session } = this.#host;
    const limit = pLimit(session.profile.concurrency);
    const place = { session, repository: this.#repository };
    const heads = references.map((reference) =>
      limit(async () => ({ reference, head: await headManifest({ ...place, reference }, this.#options) })),
    );
    try {
      return (await Promise.all(heads)).flatMap(({ reference, head }) => (head === null ? [] : [[reference, head]]));
    } finally {
      limit.clearQueue();
    }
  }
}
