// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';

/** Blobs remembered at once: forgetting one may cost a further read of it. */
const MAX_BLOBS = 50_000;

/** Who of a run asked for a blob. */
interface Demand {
  askers: number;
  readonly hosts: Set<string>;
}

/** How often a run asked for each blob, and for which hosts. */
export class BlobDemand {
  readonly #demands = new Map<Digest, Demand>();

  /** `askers` of one copy that each need the bytes at another time. */
  note(digest: Digest, hosts: Iterable<string>, askers: number): void {
    const demand = this.#demands.get(digest) ?? { askers: 0, hosts: new Set() };
    demand.askers += askers;
    for (const host of hosts) demand.hosts.add(host);
    this.#demands.delete(digest);
    this.#demands.set(digest, demand);
    const [oldest] = this.#demands.keys();
    if (this.#demands.size > MAX_BLOBS && oldest !== undefined) this.#demands.delete(oldest);
  }

  /** Whether its bytes may be needed more than once: several asked, and not each of the hosts is known to mount. */
  isRepeated(digest: Digest, alwaysMounts: (host: string) => boolean): boolean {
    const demand = this.#demands.get(digest);
    return demand !== undefined && demand.askers > 1 && ![...demand.hosts].every(alwaysMounts);
  }
}
