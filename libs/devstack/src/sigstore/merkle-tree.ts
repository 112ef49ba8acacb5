// SPDX-License-Identifier: Apache-2.0
import { sha256 } from './sha256.ts';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/** The hash of a leaf (RFC 6962). */
export function leafHash(data: Buffer): Buffer {
  return sha256(LEAF, data);
}

/** A growing Merkle tree of RFC 6962; hashes of full subtrees are kept, so that proofs cost a logarithm. */
export class MerkleTree {
  readonly #leaves: Buffer[] = [];
  readonly #full = new Map<string, Buffer>();

  get size(): number {
    return this.#leaves.length;
  }

  /** Adds a leaf and answers its index. */
  append(data: Buffer): number {
    return this.#leaves.push(leafHash(data)) - 1;
  }

  root(): Buffer {
    return this.size === 0 ? sha256() : this.#hash(0, this.size);
  }

  /** The inclusion proof of a leaf in the tree as it is now, from the leaf to the root. */
  path(index: number): readonly Buffer[] {
    const hashes: Buffer[] = [];
    let [low, high] = [0, this.size];
    while (high - low > 1) {
      const middle = low + split(high - low);
      if (index < middle) {
        hashes.unshift(this.#hash(middle, high));
        high = middle;
      } else {
        hashes.unshift(this.#hash(low, middle));
        low = middle;
      }
    }
    return hashes;
  }

  /** Hash over the leaves from `low` up to, not including, `high`. */
  #hash(low: number, high: number): Buffer {
    const leaf = this.#leaves[low];
    if (high - low === 1 && leaf) return leaf;
    const key = `${low}:${high}`;
    const kept = this.#full.get(key);
    if (kept) return kept;
    const middle = low + split(high - low);
    const hash = sha256(NODE, this.#hash(low, middle), this.#hash(middle, high));
    if (2 * split(high - low) === high - low) this.#full.set(key, hash);
    return hash;
  }
}

/** The largest power of two below the size. */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
