// SPDX-License-Identifier: Apache-2.0
import { errorMessage, isPromographError } from '@promograph/errors';
import { isIndexType, isPromotableType, parseRepository, type Digest } from '@promograph/oci';
import {
  observationRequests,
  sourcesNeeded,
  type ForeignClaim,
  type Observations,
  type PromotionEdge,
  type RepositoryObservation,
  type RepositoryRequest,
} from '@promograph/plan';
import type { RegistryClient } from '@promograph/registry';
import pLimit from 'p-limit';
import { findUnsupported } from './find-unsupported.ts';
import type { PromoterEvent } from './promoter-event.ts';

/** What a read of the registries needs. */
export interface ObservePorts {
  readonly client: RegistryClient;
  readonly onEvent: (event: PromoterEvent) => void;
  readonly signal: AbortSignal | undefined;
}

/** Repositories asked at once, over all hosts: beyond it a client only queues. Each host has its own bound below. */
const REPOSITORIES_AT_ONCE = 128;

/** Hosts that did not answer once are not asked again in the same read: their edges all fail with that reason. */
const HOST_WIDE_FAILURES: readonly string[] = ['REGISTRY_UNREACHABLE', 'REGISTRY_TIMEOUT', 'REGISTRY_CREDENTIALS'];

/**
 * Reads what the edges name: every destination first, then a source repository only where an edge misses its digest.
 * A repository that cannot be read becomes an observation of that; only cancellation throws.
 */
export async function observeEdges(
  edges: readonly PromotionEdge[],
  claims: readonly ForeignClaim[],
  ports: ObservePorts,
): Promise<Observations> {
  const reader = new RepositoryReader(ports);
  const observations = await reader.readAll(observationRequests(edges));
  const requests = sourcesNeeded(edges, observations, claims);
  const sources = await reader.readAll(requests);
  for (const { repository, digests } of requests) {
    const observed = sources.get(repository);
    if (observed === undefined) continue;
    const earlier = observations.get(repository);
    const merged = earlier === undefined ? observed : mergeObservations(earlier, observed);
    observations.set(repository, await reader.checkMediaTypes(repository, merged, digests));
  }
  return observations;
}

class RepositoryReader {
  readonly #ports: ObservePorts;
  readonly #limit = pLimit(REPOSITORIES_AT_ONCE);
  readonly #failedHosts = new Map<string, RepositoryObservation>();
  /** Repositories that a Google-style host listed in one answer. */
  readonly #listed = new Set<string>();
  #done = 0;
  #total = 0;

  constructor(ports: ObservePorts) {
    this.#ports = ports;
  }

  async readAll(requests: readonly RepositoryRequest[]): Promise<Map<string, RepositoryObservation>> {
    this.#total += requests.length;
    const results = await Promise.all(
      takingTurns(requests).map((request) =>
        this.#limit(async () => [request.repository, await this.#read(request)] as const),
      ),
    );
    return new Map(results);
  }

  async #read(request: RepositoryRequest): Promise<RepositoryObservation> {
    this.#ports.signal?.throwIfAborted();
    const { host, path } = parseRepository(request.repository);
    const failed = this.#failedHosts.get(host);
    if (failed !== undefined) return failed;
    try {
      const contents = await this.#ports.client.observe({ host, path }, request, this.#callOptions());
      if (contents === null) return { state: 'absent', tags: new Map(), digests: new Map() };
      if (contents.isComplete) this.#listed.add(request.repository);
      const isListed = contents.isComplete && ({ isListed: true } as const);
      return { state: 'read', tags: contents.tags, digests: contents.digests, ...isListed };
    } catch (error) {
      this.#ports.signal?.throwIfAborted();
      return this.#failure(host, error);
    } finally {
      this.#done += 1;
      this.#ports.onEvent({ type: 'progress', stage: 'read', done: this.#done, total: this.#total });
    }
  }

  /**
   * A promoter copies whole closures, so a part that it cannot copy is looked for below indexes already here. Not on hosts
   * that list a repository in one answer: there a plan stays at one request each, and the copy finds it before it writes.
   */
  async checkMediaTypes(
    repository: string,
    observed: RepositoryObservation,
    needed: readonly Digest[],
  ): Promise<RepositoryObservation> {
    const indexes = needed.filter((digest) => isIndexType(observed.digests.get(digest) ?? ''));
    if (indexes.length === 0 || this.#listed.has(repository)) return observed;
    const digests = new Map(observed.digests);
    const source = {
      client: this.#ports.client,
      repository: parseRepository(repository),
      options: this.#callOptions(),
    };
    await Promise.all(
      indexes.map((digest) =>
        this.#limit(async () => {
          const offending = await findUnsupported(source, digest).catch(() => null);
          if (offending !== null && !isPromotableType(offending)) digests.set(digest, offending);
        }),
      ),
    );
    this.#ports.signal?.throwIfAborted();
    return { ...observed, digests };
  }

  #failure(host: string, error: unknown): RepositoryObservation {
    const code = isPromographError(error) ? error.code : 'UNEXPECTED';
    const failure: RepositoryObservation = {
      state: 'unreadable',
      tags: new Map(),
      digests: new Map(),
      failure: { code, message: errorMessage(error) },
    };
    if (HOST_WIDE_FAILURES.includes(code)) this.#failedHosts.set(host, failure);
    return failure;
  }

  #callOptions(): { signal?: AbortSignal } {
    return this.#ports.signal === undefined ? {} : { signal: this.#ports.signal };
  }
}

/** The requests with the hosts taking turns: sorted by host, they would keep one busy at a time while the others idle. */
function takingTurns(requests: readonly RepositoryRequest[]): readonly RepositoryRequest[] {
  const queues = [...Map.groupBy(requests, ({ repository }) => parseRepository(repository).host).values()];
  const rounds = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => queues.flatMap((queue) => queue[round] ?? [])).flat();
}

/** A repository that is destination of some edges and source of others was asked two questions: both answers count. */
function mergeObservations(first: RepositoryObservation, second: RepositoryObservation): RepositoryObservation {
  if (second.state === 'unreadable') return first.state === 'read' ? first : second;
  if (first.state !== 'read') return second;
  const isListed = (first.isListed === true || second.isListed === true) && ({ isListed: true } as const);
  return {
    state: 'read',
    tags: new Map([...first.tags, ...second.tags]),
    digests: new Map([...first.digests, ...second.digests]),
    ...isListed,
  };
}
