// SPDX-License-Identifier: Apache-2.0
import type { TagLease, TagLeaseStore } from '@promograph/limiter';
import type { Digest } from '@promograph/oci';
import type { CopyEngine, RegistryClient, TagInventory } from '@promograph/registry';
import { compareText } from '@promograph/plan';
import { attestationTag, type SignatureStore, signatureTag } from '@promograph/signing';
import pLimit, { type LimitFunction } from 'p-limit';
import { EvidenceCopier } from './evidence-copier.ts';
import { replicateReferrers } from './replicate-referrers.ts';
import type { ReplicationRoute } from './replication-route.ts';
import { type Replication, ReplicationTally } from './replication-tally.ts';
import { isFallbackTag, isSignatureTag, RepositoryLists, subjectOfTag } from './repository-lists.ts';

/** Repositories listed at once, over all hosts; each host has its own bound below. */
const REPOSITORIES_AT_ONCE = 128;
/** Copies in flight at once, as `cip` had it. */
const DEFAULT_MAX_COPIES = 50;

/** What is replicated where, and how. */
export interface ReplicateInput {
  readonly routes: readonly ReplicationRoute[];
  /** Every repository of the tree that signatures are written to, of other routes and projects too. */
  readonly canonicals: ReadonlySet<string>;
  /** Without it nothing is written. */
  readonly confirm: boolean;
  /** Also bundles attached as referrers, of the named digests and of everything below them. */
  readonly referrers: boolean;
  /** Default 50. */
  readonly maxCopies?: number;
}

/** What replication needs. */
export interface ReplicatePorts {
  readonly client: RegistryClient;
  readonly engine: Pick<CopyEngine, 'copy' | 'publishTag'>;
  readonly leases: TagLeaseStore;
  readonly store: SignatureStore;
  readonly signal: AbortSignal | undefined;
  /** Told after each listed repository. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Brings every `.sig` and `.att` tag of the canonical repositories to their mirrors, where it is missing. Canonical
 * repositories are listed first; one without signatures costs no more. Then one list per mirror repository, under a lease of
 * its own, and the copies. A tag that is there stays, whatever it points to. Failures stay with their repository or tag; only
 * cancellation throws.
 */
export async function replicateSignatures(input: ReplicateInput, ports: ReplicatePorts): Promise<Replication> {
  const run = new ReplicationRun(input, ports);
  const sources = await run.readSources();
  await run.serveMirrors(sources);
  return run.result();
}

/** A canonical repository with something to replicate. */
interface Source {
  readonly route: ReplicationRoute;
  readonly listed: TagInventory;
  /** Its tags of cosign's, sorted. */
  readonly tags: readonly string[];
  /** By mirror: manifests that may be referrers and are not there; null where listings do not tell. */
  readonly lacking: Map<string, readonly Digest[] | null>;
  /** Mirrors that could not be served: told of already. */
  readonly failed: Set<string>;
}

class ReplicationRun {
  readonly tally: ReplicationTally = new ReplicationTally();
  readonly #input: ReplicateInput;
  readonly #ports: ReplicatePorts;
  readonly #lists: RepositoryLists;
  readonly #copier: EvidenceCopier;
  readonly #listLimit: LimitFunction = pLimit(REPOSITORIES_AT_ONCE);
  readonly #copyLimit: LimitFunction;
  #done = 0;
  #total = 0;

  constructor(input: ReplicateInput, ports: ReplicatePorts) {
    this.#input = input;
    this.#ports = ports;
    this.#lists = new RepositoryLists(ports.client, ports.signal);
    this.#copier = new EvidenceCopier({ ...ports, canonicals: input.canonicals });
    this.#copyLimit = pLimit(input.maxCopies ?? DEFAULT_MAX_COPIES);
  }

  result(): Replication {
    this.tally.listRequests += this.#lists.requests;
    return this.tally.result();
  }

  async readSources(): Promise<readonly Source[]> {
    const { routes } = this.#input;
    this.#total = routes.length;
    const sources = await Promise.all(routes.map((route) => this.#listLimit(() => this.#readSource(route))));
    return sources.filter((source) => source !== null);
  }

  async #readSource(route: ReplicationRoute): Promise<Source | null> {
    this.tally.groups += route.digests.length;
    const source = await this.#confined(route.canonical, route.digests.length, async () => {
      const listed = await this.#lists.read(route.canonical);
      return {
        route,
        listed,
        tags: await this.#signatureTags(route, listed),
        lacking: new Map(),
        failed: new Set<string>(),
      };
    });
    if (source === null) return null;
    const signed = new Set(source.tags.map(subjectOfTag));
    this.tally.signed += route.digests.filter((digest) => signed.has(digest)).length;
    return source.tags.length === 0 && !this.#input.referrers ? null : source;
  }

  async #signatureTags(route: ReplicationRoute, listed: TagInventory): Promise<readonly string[]> {
    const tags = new Set([...listed.tags.keys()].filter(isSignatureTag));
    // Google's listing may end early: what the manifests name is asked for, one by one.
    const unseen = listed.isComplete
      ? []
      : route.digests.flatMap((digest) => [signatureTag(digest), attestationTag(digest)]);
    for (const tag of unseen) {
      if (tag === null || tags.has(tag)) continue;
      if ((await this.#lists.find(route.canonical, tag, listed)) !== null) tags.add(tag);
    }
    return [...tags].sort(compareText);
  }

  /** Mirrors of one canonical repository beside each other in the queue: they share what is read at the source. */
  async serveMirrors(sources: readonly Source[]): Promise<void> {
    const pairs = sources
      .filter(({ listed, tags }) => tags.length > 0 || (this.#input.referrers && listed.digests !== null))
      .flatMap((source) => source.route.mirrors.map((mirror) => ({ source, mirror })));
    this.#total += pairs.length;
    try {
      await Promise.all(pairs.map(({ source, mirror }) => this.#listLimit(() => this.#serveMirror(source, mirror))));
      if (this.#input.referrers) await this.#serveReferrers(sources);
    } finally {
      this.#listLimit.clearQueue();
      this.#copyLimit.clearQueue();
    }
  }

  async #serveMirror(source: Source, mirror: string): Promise<void> {
    const isServed = await this.#confined(mirror, source.tags.length, async () => {
      // Between the listing and the writes nobody of ours writes here, so that no tag needs to be looked at again.
      await using _lease = this.#input.confirm ? await this.#lease(mirror, source.route.canonical) : null;
      const listed = await this.#lists.read(mirror);
      if (this.#input.referrers) source.lacking.set(mirror, lackingAt(source, listed));
      await Promise.all(source.tags.map((tag) => this.#serveTag({ source, mirror, listed }, tag)));
      return true;
    });
    if (isServed === null) source.failed.add(mirror);
  }

  #lease(mirror: string, canonical: string): Promise<TagLease> {
    return this.#ports.leases.acquire(`${mirror}:*`, canonical, this.#ports.signal);
  }

  async #serveTag(place: { source: Source; mirror: string; listed: TagInventory }, tag: string): Promise<void> {
    const { source, mirror, listed } = place;
    const wanted = { source: source.route.canonical, destination: mirror, reference: tag };
    const known = source.listed.tags.get(tag) ?? null;
    const work = async (): Promise<'copied' | 'planned' | 'present'> => {
      const found = await this.#lists.find(mirror, tag, listed);
      if (found !== null) {
        if (known !== null && found.digest !== null && found.digest !== known) this.tally.differing += 1;
        return 'present';
      }
      if (!this.#input.confirm) return 'planned';
      const { canonical, reference } = source.route;
      return this.#copier.copy({ ...wanted, content: known ?? tag, references: [reference, canonical] });
    };
    const { signal } = this.#ports;
    const settle = (): Promise<void> => this.tally.settle(wanted, work, signal);
    // What is listed needs no request, and no place in the queue.
    if (listed.tags.has(tag)) await settle();
    else await this.#copyLimit(settle);
  }

  #serveReferrers(sources: readonly Source[]): Promise<void> {
    const routes = sources.map(({ route: { canonical, digests, mirrors }, listed, lacking, failed }) => ({
      canonical,
      digests,
      tags: [...listed.tags.keys()],
      mirrors: mirrors
        .filter((name) => !failed.has(name))
        .map((name) => ({ name, lacking: lacking.get(name) ?? null })),
    }));
    const { client, store, signal } = this.#ports;
    const { confirm } = this.#input;
    return replicateReferrers(routes, { client, store, signal, tally: this.tally, limit: this.#copyLimit, confirm });
  }

  /** Reads one repository and acts on it, or takes note that `edges` things could not be looked for there. */
  async #confined<Value>(repository: string, edges: number, act: () => Promise<Value>): Promise<Value | null> {
    const { signal, onProgress } = this.#ports;
    signal?.throwIfAborted();
    try {
      return await act();
    } catch (error) {
      signal?.throwIfAborted();
      this.tally.unlisted(repository, error, edges);
      return null;
    } finally {
      onProgress(++this.#done, this.#total);
    }
  }
}

/**
 * Manifests of the canonical repository that a mirror has not, without those that cosign's tags point to. Null where one of the
 * listings does not tell all manifests, or where fallback tags are in use: there a manifest may lie unlisted.
 */
function lackingAt({ listed, tags }: Source, mirror: TagInventory): readonly Digest[] | null {
  const tells = [listed, mirror].every(({ digests, isComplete }) => digests !== null && isComplete);
  const hasFallback = [listed, mirror].some((inventory) => [...inventory.tags.keys()].some(isFallbackTag));
  if (!tells || hasFallback) return null;
  const tagged = new Set(tags.map((tag) => listed.tags.get(tag)));
  return [...(listed.digests ?? [])].filter((digest) => !tagged.has(digest) && mirror.digests?.has(digest) !== true);
}
