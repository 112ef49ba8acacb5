// SPDX-License-Identifier: Apache-2.0
import type { RegistryProfile } from './registry-profile.ts';
import { isNone, type NoListing, type TagListing } from './tag-calls.ts';

/** Google's pages: one request tells a whole repository. */
const GOOGLE_PAGE_SIZE = 10_000;

/**
 * Whether a host tells digests in its listings: by its profile, or learnt from the first listing that it answers. The
 * first caller asks, the others wait for what it learns; where its repository was missing, and nothing was learnt, all ask.
 */
export class ListingStyle {
  #known: 'google' | 'oci' | null;
  #first: Promise<unknown> | null = null;
  /** Listings under way that may tell what the host is. */
  readonly #undecided = new Set<Promise<unknown>>();
  readonly #pageSize: number;

  constructor(profile: RegistryProfile) {
    this.#known = profile.listing === 'auto' ? null : profile.listing;
    this.#pageSize = profile.pageSize;
  }

  /** Whether a listing that finds no repository proves that it holds nothing: others do not list digests without a tag. */
  get tellsDigests(): boolean {
    return this.#known === 'google';
  }

  /** Page size for the next listing: large only where the host is known to take it. */
  get pageSize(): number {
    return this.#known === 'google' ? Math.max(this.#pageSize, GOOGLE_PAGE_SIZE) : this.#pageSize;
  }

  /**
   * A listing by `list` where one is worth its request: on Google-style hosts and on hosts not known yet; `'unneeded'` on
   * hosts that tell only names. What the host is learnt to be is kept.
   */
  async listing(list: () => Promise<TagListing | NoListing>): Promise<TagListing | NoListing | 'unneeded'> {
    if (this.#known === null && this.#first !== null) await this.#first;
    if (this.#known === 'oci') return 'unneeded';
    if (this.#known === 'google') return list();
    const answer = this.#ask(list);
    this.#first ??= answer.catch(() => undefined);
    const listing = await answer;
    if (isNone(listing)) await this.#othersDecide();
    return listing;
  }

  #ask(list: () => Promise<TagListing | NoListing>): Promise<TagListing | NoListing> {
    const answer = list().then((listing) => this.#learn(listing));
    const settled = answer.then(
      () => undefined,
      () => undefined,
    );
    this.#undecided.add(settled);
    void settled.then(() => this.#undecided.delete(settled));
    return answer;
  }

  /** A missing repository teaches nothing; whether that settles the matter, listings under way may be about to show. */
  async #othersDecide(): Promise<void> {
    // Those that waited for the first listing begin now.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#known === null && this.#undecided.size > 0) await Promise.race(this.#undecided);
  }

  #learn(listing: TagListing | NoListing): TagListing | NoListing {
    if (!isNone(listing)) this.#known = listing.google === null ? 'oci' : 'google';
    return listing;
  }
}
