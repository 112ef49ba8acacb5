// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash, MerkleTree } from './merkle-tree.ts';
import { sha256 } from './sha256.ts';

/** The algorithm of RFC 9162, 2.1.3.2: another one than the tree's own. */
function rootByProof(index: number, size: number, leaf: Buffer, path: readonly Buffer[]): Buffer {
  let [fn, sn, root] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (fn % 2 === 1 || fn === sn) {
      root = sha256(Buffer.from([1]), sibling, root);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else {
      root = sha256(Buffer.from([1]), root, sibling);
    }
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 ? root : Buffer.alloc(0);
}

describe('the Merkle tree', () => {
  it('has the root of the RFC when it is empty', () => {
    expect(new MerkleTree().root()).toEqual(sha256(''));
  });

  it('proves every leaf at every size', () => {
    const tree = new MerkleTree();
    for (let size = 1; size <= 70; size += 1) {
      tree.append(Buffer.from(`leaf ${size - 1}`));
      for (let index = 0; index < size; index += 1) {
        const leaf = leafHash(Buffer.from(`leaf ${index}`));
        expect(rootByProof(index, size, leaf, tree.path(index)), `${index} of ${size}`).toEqual(tree.root());
      }
    }
  });

  it('proves no leaf that is not there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (size, seed) => {
        const tree = new MerkleTree();
        for (let index = 0; index < size; index += 1) tree.append(Buffer.from(`leaf ${index}`));
        const index = seed % size;

        const root = rootByProof(index, size, leafHash(Buffer.from('another')), tree.path(index));

        expect(root).not.toEqual(tree.root());
      }),
    );
  });
});
