// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { goQuote } from './go-quote.ts';

describe('goQuote', () => {
  // Expected values are those of Go's fmt.Sprintf("%q", s).
  it.each([
    ['plain text', 'sha256:000', '"sha256:000"'],
    ['nothing', '', '""'],
    ['a quote and a backslash', 'a"b\\c', '"a\\"b\\\\c"'],
    ['named controls', '\u0007\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['other controls', '\u0000\u001b\u007f', '"\\x00\\x1b\\x7f"'],
    ['a C1 control', '\u0085', '"\\u0085"'],
    ['letters and symbols of other scripts', '안녕 ñ €', '"안녕 ñ €"'],
    ['an emoji', '🚀', '"🚀"'],
    ['spaces that are not the ASCII one', '\u00a0\u2003\u2028', '"\\u00a0\\u2003\\u2028"'],
    ['an invisible mark', '\u200b\ufeff', '"\\u200b\\ufeff"'],
    ['an unassigned character beyond the basic plane', '\u{e0001}', '"\\U000e0001"'],
  ])('prints %s', (_name, text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });
});
