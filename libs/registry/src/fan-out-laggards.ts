// SPDX-License-Identifier: Apache-2.0

/**
 * When a destination of a shared read stops holding the others back: after `blockedMs` in which others had nothing to send because
 * of it, or after a quarter of that when it is also slower than `share` of the median.
 */
export interface LaggardPolicy {
  readonly blockedMs: number;
  readonly share: number;
}

/** What is known of one destination of a shared read. */
export interface BranchPace {
  /** How long others were starved by this one. */
  readonly blockedMs: number;
  /** Bytes per millisecond while it had something to send; infinite where it never let anything wait. */
  readonly bytesPerMs: number;
}

/** How long `branch` may go on starving the others from now; 0 or less: it is a laggard. */
export function patienceMs(branch: BranchPace, all: readonly BranchPace[], policy: LaggardPolicy): number {
  const isFarBehind = branch.bytesPerMs < policy.share * median(all.map(({ bytesPerMs }) => bytesPerMs));
  return (isFarBehind ? policy.blockedMs / 4 : policy.blockedMs) - branch.blockedMs;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Hosts with demoted uploads under way: what they hold back next is demoted at once, not after another patience. */
export class LaggardHosts {
  readonly #demoted = new Map<string, number>();

  has(host: string): boolean {
    return this.#demoted.has(host);
  }

  enter(host: string): void {
    this.#demoted.set(host, (this.#demoted.get(host) ?? 0) + 1);
  }

  leave(host: string): void {
    const left = (this.#demoted.get(host) ?? 0) - 1;
    if (left > 0) this.#demoted.set(host, left);
    else this.#demoted.delete(host);
  }
}
