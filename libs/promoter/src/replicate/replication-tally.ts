// SPDX-License-Identifier: Apache-2.0
import { errorMessage, isPromographError } from '@promograph/errors';
import { parseRepository } from '@promograph/oci';
import { compareText } from '@promograph/plan';
import type { ReplicatedItem, ReplicateReport } from '@promograph/report';
import type { HostFailure } from '../session.ts';

/** What replication found and did. */
export interface Replication {
  readonly summary: ReplicateReport['summary'];
  /** Tags that are present at a mirror with other content than at the canonical repository, as far as listings tell: left alone. */
  readonly differing: number;
  /** What was missing, sorted. */
  readonly items: readonly ReplicatedItem[];
  /** Hosts whose repositories could not be listed; `edges` counts what was to be looked for there. */
  readonly hostFailures: readonly HostFailure[];
}

/** One thing that is to be at a mirror. */
export interface Wanted {
  readonly source: string;
  readonly destination: string;
  /** Tag, or digest of a referrer. */
  readonly reference: string;
}

/** The counts of one replication, as it goes on. */
export class ReplicationTally {
  readonly #items: ReplicatedItem[] = [];
  readonly #hostFailures = new Map<string, HostFailure>();
  groups = 0;
  signed = 0;
  present = 0;
  differing = 0;
  listRequests = 0;

  /** Takes note of what `work` comes to; a failure stays with what was wanted. Rejects only when cancelled. */
  async settle(
    wanted: Wanted,
    work: () => Promise<'copied' | 'planned' | 'present'>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      const outcome = await work();
      if (outcome === 'present') this.present += 1;
      else this.#items.push({ ...wanted, outcome });
    } catch (error) {
      signal?.throwIfAborted();
      this.#items.push({ ...wanted, outcome: 'failed', error: failureOf(error) });
    }
  }

  /** Takes note of a repository that could not be listed, where `edges` things were to be looked for. */
  unlisted(repository: string, error: unknown, edges: number): void {
    const { host } = parseRepository(repository);
    const failure = failureOf(error);
    const key = `${host} ${failure.code}`;
    const known = this.#hostFailures.get(key);
    this.#hostFailures.set(key, { host, ...(known ?? failure), edges: (known?.edges ?? 0) + edges });
  }

  result(): Replication {
    const count = (outcome: ReplicatedItem['outcome']): number =>
      this.#items.filter((item) => item.outcome === outcome).length;
    const hostFailures = [...this.#hostFailures.values()].sort((a, b) => compareText(a.host, b.host));
    const unknown = hostFailures.reduce((sum, { edges }) => sum + edges, 0);
    return {
      summary: {
        groups: this.groups,
        signed: this.signed,
        present: this.present,
        missing: this.#items.length,
        copied: count('copied'),
        failed: count('failed') + unknown,
        listRequests: this.listRequests,
      },
      differing: this.differing,
      items: this.#items.sort((a, b) => compareText(sortKey(a), sortKey(b))),
      hostFailures,
    };
  }
}

function sortKey({ destination, reference }: ReplicatedItem): string {
  return `${destination} ${reference}`;
}

function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  return { code: isPromographError(error) ? error.code : 'UNEXPECTED', message: errorMessage(error) };
}
