// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { expandGoBooleans, parseGoBoolean } from './go-flags.ts';

describe('parseGoBoolean', () => {
  it.each([
    ['1', true],
    ['t', true],
    ['TRUE', true],
    ['True', true],
    ['0', false],
    ['F', false],
    ['false', false],
    ['yes', null],
    ['tRUE', null],
    ['', null],
  ])('reads %j as %s, as Go does', (text, expected) => {
    expect(parseGoBoolean(text)).toBe(expected);
  });
});

describe('expandGoBooleans', () => {
  const flags = new Set(['--sign', '--confirm']);

  it.each<[string, string[], string[]]>([
    ['a bare flag is true', ['--sign'], ['--sign=true']],
    ['a value stays', ['--sign=false'], ['--sign=false']],
    ['the next word is not a value', ['--confirm', 'false'], ['--confirm=true', 'false']],
    ['other flags keep their values', ['--manifest', '--x'], ['--manifest', '--x']],
    ['nothing changes behind two dashes', ['--sign', '--', '--sign'], ['--sign=true', '--', '--sign']],
  ])('%s', (_, argv, expected) => {
    expect(expandGoBooleans(argv, flags)).toEqual(expected);
  });
});
