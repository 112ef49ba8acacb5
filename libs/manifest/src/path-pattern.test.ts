// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { compilePathPattern } from './index.ts';

describe('compilePathPattern', () => {
  // The table of Go's path.Match tests, which define the syntax.
  it.each<[string, string, boolean]>([
    ['abc', 'abc', true],
    ['*', 'abc', true],
    ['*c', 'abc', true],
    ['a*', 'a', true],
    ['a*', 'abc', true],
    ['a*', 'ab/c', false],
    ['a*/b', 'abc/b', true],
    ['a*/b', 'a/c/b', false],
    ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
    ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
    ['a*b*c*d*e*/f', 'axbxcxdxe/xxx/f', false],
    ['a*b*c*d*e*/f', 'axbxcxdxexxx/fff', false],
    ['a*b?c*x', 'abxbbxdbxebxczzx', true],
    ['a*b?c*x', 'abxbbxdbxebxczzy', false],
    ['ab[c]', 'abc', true],
    ['ab[b-d]', 'abc', true],
    ['ab[e-g]', 'abc', false],
    ['ab[^c]', 'abc', false],
    ['ab[^e-g]', 'abc', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'ab', false],
    ['a?b', 'a☺b', true],
    ['a[^a]b', 'a☺b', true],
    ['a???b', 'a☺b', false],
    ['[a-ζ]*', 'α', true],
    ['*[a-ζ]', 'A', false],
    ['a?b', 'a/b', false],
    ['a*b', 'a/b', false],
    ['[\\]a]', ']', true],
    ['[x\\-]', '-', true],
    ['[x\\-]', 'z', false],
    ['*x', 'xxx', true],
    ['', '', true],
    ['', 'a', false],
  ])('%s against %s', (pattern, name, isMatch) => {
    expect(compilePathPattern(pattern)?.matches(name)).toBe(isMatch);
  });

  it.each(['[]a]', '[-]', '[x-]', '[-x]', '\\', '[a-b-c]', '[', '[^', '[^bc', 'a[', 'a[b', 'spoc['])(
    'refuses %s',
    (pattern) => {
      expect(compilePathPattern(pattern)).toBeNull();
    },
  );

  it('takes no more steps than pattern times name, where a regular expression would never end', () => {
    const pattern = compilePathPattern(`${'*a'.repeat(120)}*b`);

    expect(pattern?.matches('a'.repeat(250))).toBe(false);
  });
});
