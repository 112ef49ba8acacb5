// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { columnsOf } from './columns-of.ts';

describe('columnsOf', () => {
  it('is what string-width says of any text', () => {
    const texts = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));

    fc.assert(
      fc.property(texts, (text) => {
        expect(columnsOf(text)).toBe(stringWidth(text));
      }),
    );
  });

  it.each([
    ['', 0],
    ['registry.example.org/app:v1', 27],
    ['\u001b[31mred\u001b[39m', 3],
    ['日本', 4],
  ])('%j takes %i', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});
