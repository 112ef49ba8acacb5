// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitMarkdown, type MarkdownParts, type MarkdownSection } from './fit-markdown.ts';

const section = (name: string, rows: number, length = 10): MarkdownSection => ({
  open: `<${name}>\n`,
  rows: Array.from({ length: rows }, (_, index) => `${name}${index} ${'.'.repeat(length)}\n`),
  close: `</${name}>\n`,
});

const parts = (...sections: readonly MarkdownSection[]): MarkdownParts => ({
  head: 'head\n',
  sections,
  foot: 'foot\n',
  whole: 'See the file.',
});

describe('fitMarkdown', () => {
  it('leaves a report that fits as it is, without sections that have no rows', () => {
    const text = fitMarkdown(parts(section('a', 1, 1), section('b', 0), section('c', 1, 1)), 60);

    expect(text).toBe('head\n<a>\na0 .\n</a>\n<c>\nc0 .\n</c>\nfoot\n');
  });

  it('keeps a report that has exactly the budget and cuts one that has a character more', () => {
    const report = parts(section('a', 50));
    const length = fitMarkdown(report, 100_000).length;

    expect(fitMarkdown(report, length)).toHaveLength(length);
    expect(fitMarkdown(report, length - 1)).toContain('left out here');
  });

  it('keeps the first and the last rows, frames both and says how many are missing', () => {
    const text = fitMarkdown(parts(section('a', 100)), 400);
    const rows = [...text.matchAll(/^a\d+ /gm)].map(([row]) => row.trim());
    const missing = Number(/… (\d+) rows left out here to stay within 400 characters\. See the file\./.exec(text)?.[1]);

    expect(rows.at(0)).toBe('a0');
    expect(rows.at(-1)).toBe('a99');
    expect(rows.length + missing).toBe(100);
    expect(text.match(/<a>/g)).toHaveLength(2);
    expect(text.startsWith('head\n')).toBe(true);
    expect(text.endsWith('foot\n')).toBe(true);
  });

  it('leaves out whole sections in the middle', () => {
    const text = fitMarkdown(parts(section('a', 3), section('b', 200), section('c', 1)), 400);

    expect(text).toContain('a2 ');
    expect(text).toContain('c0 ');
  });

  it('stays within the budget, with every frame closed, whatever the rows are', () => {
    const sections = fc.array(fc.tuple(fc.nat(40), fc.nat(120)), { maxLength: 8 });
    fc.assert(
      fc.property(sections, fc.integer({ min: 200, max: 4000 }), (shapes, budget) => {
        const list = shapes.map(([rows, length], index) => section(`s${index}`, rows, length));
        const total = shapes.reduce((sum, [rows]) => sum + rows, 0);

        const text = fitMarkdown(parts(...list), budget);

        const kept = text.match(/^s\d+ /gm)?.length ?? 0;
        const missing = Number(/… (\d+) rows? left out/.exec(text)?.[1] ?? 0);
        expect(text.length).toBeLessThanOrEqual(budget);
        expect(kept + missing).toBe(total);
        expect(text.match(/<s/g)?.length ?? 0).toBe(text.match(/<\/s/g)?.length ?? 0);
      }),
    );
  });
});
