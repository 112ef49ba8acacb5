// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '@promograph/oci';
import pLimit from 'p-limit';
import type { HostSession } from './host-session.ts';
import { headManifest } from './manifest-calls.ts';
import type { CallOptions } from './registry-client.ts';

/** A repository whose manifests are asked for one by one. */
export interface HeadPlace {
  readonly session: HostSession;
  readonly repository: Repository;
}

/** What there is under a reference. */
export interface FoundManifest {
  readonly digest: Digest;
  readonly mediaType: string;
}

/** Tags that were found, and those of which a listing said that they are not there. */
export interface FoundTags {
  readonly found: readonly [string, FoundManifest][];
  readonly unnamed: readonly string[];
}

/** Names of all tags of the repository; null where they are not to be had, or not worth it. */
export type TagNames = ReadonlySet<string> | null;

/** Many HEADs of one repository, as many at once as the host takes; the first failure ends them all. */
export class ManifestHeads {
  readonly #place: HeadPlace;
  readonly #options: CallOptions;

  constructor(place: HeadPlace, options: CallOptions) {
    this.#place = place;
    this.#options = options;
  }

  /** The references that are there, in the order of `references`. */
  read<Reference extends string>(references: readonly Reference[]): Promise<[Reference, FoundManifest][]> {
    return this.#all(references, pLimit(this.#mostAtOnce), (reference) => this.#head(reference));
  }

  /**
   * The same for tags. Names that are in hand (`known`) tell which are missing. Otherwise `list` is asked for them, once, as
   * soon as those found missing so far let expect another among the rest: it costs one request, and spares one for each. So
   * as not to ask for all before the first is known to be missing, as many are under way as were found, and one.
   */
  async readTags(tags: readonly string[], known: TagNames, list: () => Promise<TagNames>): Promise<FoundTags> {
    const limit = pLimit(known === null ? 1 : this.#mostAtOnce);
    const seen = new Set<string>();
    const unnamed: string[] = [];
    let names: Promise<TagNames> | null = known && Promise.resolve(known);
    let begun = 0;
    let missing = 0;
    const isWorthwhile = (): boolean => {
      const rest = tags.length - begun;
      return names === null && rest > 1 && rest * missing >= seen.size + missing;
    };
    const found = await this.#all(tags, limit, async (tag) => {
      begun += 1;
      if ((await names)?.has(tag) === false) {
        unnamed.push(tag);
        return null;
      }
      const head = await this.#head(tag);
      if (head === null) missing += 1;
      else seen.add(tag);
      // A listing without what a HEAD has shown is out of date.
      if (head === null && isWorthwhile())
        names = list().then((all) => (all && [...seen].every((tag) => all.has(tag)) ? all : null));
      const atOnce = names === null ? Math.min(this.#mostAtOnce, seen.size + 1) : this.#mostAtOnce;
      // Setting it looks through the queue, a tenth of what a HEAD costs.
      if (limit.concurrency !== atOnce) limit.concurrency = atOnce;
      return head;
    });
    return { found, unnamed };
  }

  get #mostAtOnce(): number {
    return this.#place.session.profile.concurrency;
  }

  #head(reference: string): Promise<FoundManifest | null> {
    return headManifest({ ...this.#place, reference }, this.#options);
  }

  async #all<Reference extends string>(
    references: readonly Reference[],
    limit: ReturnType<typeof pLimit>,
    ask: (reference: Reference) => Promise<FoundManifest | null>,
  ): Promise<[Reference, FoundManifest][]> {
    const heads = references.map((reference) => limit(async () => ({ reference, head: await ask(reference) })));
    try {
      return (await Promise.all(heads)).flatMap(({ reference, head }) => (head === null ? [] : [[reference, head]]));
    } finally {
      limit.clearQueue();
    }
  }
}
