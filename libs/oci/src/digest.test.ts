// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestAlgorithm, digestHex, digestOf, hashFor, hashMatches, isDigest, parseDigest } from './index.ts';

const EMPTY = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('a digest', () => {
  it.each([EMPTY, `sha256:${'0'.repeat(64)}`, `sha512:${'f'.repeat(128)}`])('is %s', (text) => {
    expect(isDigest(text)).toBe(true);
    expect(parseDigest(text)).toBe(text);
  });

  it.each([
    ['nothing', ''],
    ['one digit', 'sha256:0'],
    ['65 digits', `${EMPTY}0`],
    ['63 digits', EMPTY.slice(0, -1)],
    ['a letter beyond f', EMPTY.replace(/5$/, 'x')],
    ['an upper-case digit', EMPTY.replace(/b/, 'B')],
    ['no algorithm', 'e'.repeat(64)],
    ['another algorithm', `md5:${'0'.repeat(32)}`],
    ['sha512 of the wrong length', `sha512:${'0'.repeat(64)}`],
    ['a line end behind it', `${EMPTY}\n`],
    ['a blank before it', ` ${EMPTY}`],
  ])('is not %s', (_name, text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(
      expect.objectContaining({ code: 'OCI_INVALID_DIGEST', message: `invalid digest: ${text}` }),
    );
  });

  it('of known bytes is known', () => {
    expect(digestOf('')).toBe(EMPTY);
    expect(digestOf(new Uint8Array(), 'sha512')).toMatch(/^sha512:cf83e1357eefb8bd/);
  });

  it('has an algorithm and a hexadecimal part that give it back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom('sha256' as const, 'sha512' as const), (bytes, algorithm) => {
        const digest = digestOf(bytes, algorithm);

        expect(isDigest(digest)).toBe(true);
        expect(`${digestAlgorithm(digest)}:${digestHex(digest)}`).toBe(digest);
        expect(digestAlgorithm(digest)).toBe(algorithm);
      }),
    );
  });

  it('matches the hash of exactly its bytes, however they are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, at) => {
        const cut = at % bytes.length;
        const digest = digestOf(bytes);
        const whole = hashFor(digest).update(bytes.subarray(0, cut)).update(bytes.subarray(cut));
        const flipped = hashFor(digest).update(bytes.map((byte, index) => (index === cut ? byte ^ 1 : byte)));

        expect([hashMatches(whole, digest), hashMatches(flipped, digest)]).toEqual([true, false]);
      }),
    );
  });
});
