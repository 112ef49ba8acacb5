// SPDX-License-Identifier: Apache-2.0

/** Holds one second's worth of tokens at most. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #atMs = -Infinity;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = Math.max(1, perSecond);
  }

  /** Takes a token if there is one. */
  take(nowMs: number): boolean {
    const most = Math.max(1, this.#perSecond);
    this.#tokens = Math.min(most, this.#tokens + ((nowMs - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** Buckets that texts are hashed to; their number is fixed, so that no flood of texts grows it. */
const BUCKETS = 65_536;

/** One budget per text. Two texts share a budget where their hashes meet: pass a keyed hash, so that nobody can aim at one. */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #tokens: Float32Array = new Float32Array(BUCKETS);
  readonly #atMs: Float64Array = new Float64Array(BUCKETS).fill(-Infinity);

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Takes a token of the bucket that the hash falls into, if there is one. */
  take(hash: number, nowMs: number): boolean {
    const at = hash & (BUCKETS - 1);
    const most = Math.max(1, this.#perSecond);
    const refilled = (this.#tokens[at] ?? 0) + ((nowMs - (this.#atMs[at] ?? 0)) / 1000) * this.#perSecond;
    const tokens = Math.min(most, refilled);
    this.#atMs[at] = nowMs;
    this.#tokens[at] = tokens < 1 ? tokens : tokens - 1;
    return tokens >= 1;
  }
}
