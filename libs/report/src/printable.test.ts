// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, shellWord, shortDigest } from './printable.ts';

describe('printable', () => {
  it.each([
    ['an escape sequence', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a C1 control sequence introducer', '\u009b31m', '\\u{9b}31m'],
    ['a newline and a carriage return', 'a\r\nb', 'a\\u{d}\\u{a}b'],
    ['a right-to-left override', '\u202egnp', '\\u{202e}gnp'],
    ['an invisible space', 'a\u200bb', 'a\\u{200b}b'],
    ['line and paragraph separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['a lone surrogate', 'a\ud800', 'a\\u{d800}'],
  ])('spells out %s', (_name, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves letters of any script, accents and symbols alone', () => {
    expect(printable('naïve 안녕 ñ 🚀 v1.2-β')).toBe('naïve 안녕 ñ 🚀 v1.2-β');
  });

  it('never leaves anything that a terminal would act on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(/[\p{C}\p{Zl}\p{Zp}]/u.test(printable(text))).toBe(false);
      }),
    );
  });
});

describe('shortDigest', () => {
  it('keeps the algorithm and 12 digits', () => {
    expect(shortDigest(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('sha256:0123456789ab');
    expect(shortDigest(`sha512:${'0123456789abcdef'.repeat(8)}`)).toBe('sha512:0123456789ab');
  });
});

describe('shellWord', () => {
  it.each([
    ['a plain name as it is', 'k8s-staging-foo', 'k8s-staging-foo'],
    ['a name with a space quoted', 'a b', "'a b'"],
    ['a name with a quote closed and opened again', "a'; rm -rf ~; '", String.raw`'a'\''; rm -rf ~; '\'''`],
    ['no name quoted', '', "''"],
  ])('gives %s', (_name, text, word) => {
    expect(shellWord(text)).toBe(word);
  });
});
