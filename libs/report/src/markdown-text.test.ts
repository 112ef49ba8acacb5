// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeSpan, html, prose, row } from './markdown-text.ts';

describe('codeSpan', () => {
  it.each([
    ['a name', 'gcr.io/foo', '`gcr.io/foo`'],
    ['a pipe, which would end the table cell', 'a|b', '`a\\|b`'],
    ['a backtick inside', 'a`b', '``a`b``'],
    ['a run of backticks at the end', 'a``', '``` a`` ```'],
    ['nothing', '', '`  `'],
    ['a newline', 'a\nb', '`a\\u{a}b`'],
  ])('holds %s', (_name, text, span) => {
    expect(codeSpan(text)).toBe(span);
  });

  it('is closed by no run of backticks in its content', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', 'a', ' ', '|', '<') }), (text) => {
        const span = codeSpan(text);
        const fence = /^`+/.exec(span)?.[0] ?? '';
        const inside = span.slice(fence.length, -fence.length);

        expect(span.endsWith(fence)).toBe(true);
        expect([...inside.matchAll(/`+/g)].map(([run]) => run.length)).not.toContain(fence.length);
        expect(inside).not.toMatch(/^`|`$/);
      }),
    );
  });
});

describe('prose', () => {
  it.each([
    ['a mention', '@octocat', '@<!-- -->octocat'],
    ['an issue reference', 'see #12', 'see #<!-- -->12'],
    ['a link', '[a](b)', '\\[a\\](b)'],
    ['an address', 'https://evil.example', 'https:<!-- -->//evil.example'],
    ['an address without a scheme', 'WWW.evil.example', 'WWW<!-- -->.evil.example'],
    ['an element', '<b>&amp;</b>', '&lt;b&gt;&amp;amp;&lt;/b&gt;'],
    ['emphasis and strikethrough', '*a* _b_ ~c~', '\\*a\\* \\_b\\_ \\~c\\~'],
    ['a cell border', 'a|b', 'a\\|b'],
    ['a backslash before a cell border', '\\|', '\\\\\\|'],
    ['a formula', '$x$', '\\$x\\$'],
  ])('disarms %s', (_name, text, disarmed) => {
    expect(prose(text)).toBe(disarmed);
  });

  it('leaves a sentence readable in its source', () => {
    expect(prose('503 from eu.example.org (after 4 tries), try again!')).toBe(
      '503 from eu.example.org (after 4 tries), try again!',
    );
  });
});

describe('html', () => {
  it('leaves no element and no attribute end', () => {
    expect(html('"><img src=x>&')).toBe('&quot;&gt;&lt;img src=x&gt;&amp;');
  });
});

describe('row', () => {
  it('joins cells', () => {
    expect(row('a', '', 'c')).toBe('| a |  | c |\n');
  });
});
