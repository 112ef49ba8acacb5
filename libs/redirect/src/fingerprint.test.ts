// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fingerprinter } from './fingerprint.ts';
import { FingerprintTable } from './fingerprint-table.ts';

/** Bytes 0 to 15, as in the published test vectors. */
const KEY = new Uint32Array([0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c]);

function fingerprint(text: string, key = KEY): Uint32Array {
  const out = new Uint32Array(4);
  new Fingerprinter(key).write(text, out);
  return out;
}

const hexOf = (words: Uint32Array): string => Buffer.from(words.buffer).toString('hex');

describe('Fingerprinter', () => {
  // What OpenSSL 3 answers for this key (`openssl mac -macopt size:16 -macopt c-rounds:1 -macopt d-rounds:3 SIPHASH`).
  it.each([
    ['', 'e77ebcb22788a5befd62db6add303001'],
    ['\u0000', 'fc6f370460d3eda85e0573cc2b2ff063'],
    ['hello world, this is sixteen+', 'f5223547743fa0823717aa895adc6e83'],
    ['a path/of/16 byt', 'f02f0e6c8d45c8e8b282376c2b7731a1'],
  ])('is SipHash-1-3 of 128 bits for %j', (text, expected) => {
    expect(hexOf(fingerprint(text))).toBe(expected);
  });

  it('depends on the key', () => {
    expect(hexOf(fingerprint('a', new Uint32Array([1, 2, 3, 4])))).not.toBe(hexOf(fingerprint('a')));
  });

  it('hashes a prefix once, filled up to a whole block', () => {
    const fingerprinter = new Fingerprinter(KEY);
    const out = new Uint32Array(4);

    fingerprinter.write('a path', out, fingerprinter.behind('https://west'));

    const start = fingerprinter.behind('https://west\0\0\0');
    const same = new Uint32Array(4);
    fingerprinter.write('a path', same, start);
    expect(hexOf(out)).toBe(hexOf(same));
    fingerprinter.write('a path', same, fingerprinter.behind('https://east'));
    expect(hexOf(out)).not.toBe(hexOf(same));
  });

  it('tells all prefixes and texts apart, however they are cut', () => {
    const fingerprinter = new Fingerprinter(KEY);
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 40 });

    fc.assert(
      fc.property(text, fc.nat(40), fc.nat(40), (whole, one, other) => {
        const [at, elsewhere] = [one % whole.length, other % whole.length];
        const cutAt = (cut: number): string => {
          const out = new Uint32Array(4);
          fingerprinter.write(whole.slice(cut), out, fingerprinter.behind(whole.slice(0, cut)));
          return hexOf(out);
        };
        expect(cutAt(at) === cutAt(elsewhere)).toBe(at === elsewhere);
      }),
    );
  });

  it('tells all texts apart', () => {
    const texts = fc.uniqueArray(fc.string({ unit: 'binary-ascii' }), { minLength: 2, maxLength: 50 });

    fc.assert(
      fc.property(texts, (some) => {
        expect(new Set(some.map((text) => hexOf(fingerprint(text)))).size).toBe(some.length);
      }),
    );
  });
});

describe('FingerprintTable', () => {
  it('holds what it was made for, all but one in a hundred', () => {
    const table = new FingerprintTable({ capacity: 10_000, isTimed: false });

    for (let at = 0; at < 10_000; at += 1) table.add(fingerprint(`digest ${at}`));

    let kept = 0;
    for (let at = 0; at < 10_000; at += 1) if (table.has(fingerprint(`digest ${at}`), 0)) kept += 1;
    expect(kept).toBeGreaterThan(9900);
    expect(table.size).toBe(kept);
  });

  it('never claims what was not added', () => {
    const table = new FingerprintTable({ capacity: 1000, isTimed: false });
    for (let at = 0; at < 5000; at += 1) table.add(fingerprint(`digest ${at}`));

    for (let at = 0; at < 5000; at += 1) expect(table.has(fingerprint(`other ${at}`), 0)).toBe(false);
  });

  it('does not grow, and keeps what is used while other things pass', () => {
    const table = new FingerprintTable({ capacity: 1000, isTimed: false });
    table.add(fingerprint('used'));

    for (let at = 0; at < 100_000; at += 1) {
      table.add(fingerprint(`passing ${at}`));
      expect(table.has(fingerprint('used'), 0)).toBe(true);
    }

    expect(table.size).toBeLessThan(4096);
  });

  it('forgets what has ended, and not before', () => {
    const table = new FingerprintTable({ capacity: 10, isTimed: true });

    table.add(fingerprint('miss'), 30_000);

    expect(table.has(fingerprint('miss'), 29_980)).toBe(true);
    expect(table.has(fingerprint('miss'), 30_000)).toBe(false);
    table.add(fingerprint('miss'), 60_000);
    expect(table.has(fingerprint('miss'), 45_000)).toBe(true);
  });
});
