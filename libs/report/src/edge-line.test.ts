// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EdgeLine, foldLines } from './edge-line.ts';

const line = (change: Partial<EdgeLine>): EdgeLine => ({
  kind: 'add',
  source: 's/a',
  digest: 'sha256:aa',
  tag: 'v1',
  destination: 'd/a',
  at: 'f:1:1',
  notes: [],
  isForAction: false,
  isAboutRegistry: false,
  ...change,
});

const shape = (lines: readonly EdgeLine[]): readonly unknown[] =>
  foldLines(lines).flatMap((image) =>
    image.lines.map(({ tags, destinations, edges }) => ({ tags, destinations, edges })),
  );

describe('foldLines', () => {
  it('folds destinations that need the same', () => {
    expect(shape([line({}), line({ destination: 'e/a' })])).toEqual([
      { tags: ['v1'], destinations: ['d/a', 'e/a'], edges: 2 },
    ]);
  });

  it('folds tags that go to the same destinations', () => {
    const lines = ['v1', 'v2'].flatMap((tag) => ['d/a', 'e/a'].map((destination) => line({ tag, destination })));

    expect(shape(lines)).toEqual([{ tags: ['v1', 'v2'], destinations: ['d/a', 'e/a'], edges: 4 }]);
  });

  it('keeps tags apart that go to different destinations', () => {
    expect(shape([line({}), line({ tag: 'v2', destination: 'e/a' })])).toHaveLength(2);
  });

  it.each<[string, Partial<EdgeLine>]>([
    ['another kind', { kind: 'tag' }],
    ['another digest', { digest: 'sha256:bb' }],
    ['another reason', { notes: ['why'] }],
    ['another image', { source: 's/b' }],
  ])('keeps %s apart', (_name, change) => {
    expect(shape([line({}), line(change)])).toHaveLength(2);
  });

  it('folds digests as well where the line is about the registry', () => {
    const broken = { kind: 'failed', notes: ['503'], isAboutRegistry: true } as const;

    expect(shape([line(broken), line({ ...broken, digest: 'sha256:bb', tag: null })])).toEqual([
      { tags: ['v1', null], destinations: ['d/a'], edges: 2 },
    ]);
  });

  it('loses no edge', () => {
    const lines = fc.array(
      fc.record({
        kind: fc.constantFrom('add' as const, 'lost' as const),
        source: fc.constantFrom('s/a', 's/b'),
        digest: fc.constantFrom('aa', 'bb'),
        tag: fc.constantFrom('v1', 'v2', null),
        destination: fc.constantFrom('d', 'e', 'f'),
      }),
    );
    fc.assert(
      fc.property(lines, (list) => {
        const folded = foldLines(list.map(line)).flatMap((image) => image.lines);

        expect(folded.reduce((sum, { edges }) => sum + edges, 0)).toBe(list.length);
        for (const { first, digests } of folded) expect(digests).toEqual([first.digest]);
      }),
    );
  });
});
