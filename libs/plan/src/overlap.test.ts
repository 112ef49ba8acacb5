// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { edgesOf } from './edges-of.ts';
import { foreignClaimsFor } from './foreign-claims.ts';
import { overlapsOf } from './overlap.ts';
import { digest, type ProjectShape, projectOf } from './testing.ts';

const one = { destinations: ['gcr.io/bar'] };

const rows: readonly { name: string; shapes: readonly ProjectShape[]; overlaps: readonly (readonly string[])[] }[] = [
  { name: 'no edges have no overlap', shapes: [], overlaps: [] },
  { name: 'one edge has no overlap', shapes: [{ ...one, images: { a: { aa: ['v1'] } } }], overlaps: [] },
  {
    name: 'edges to two destination names have no overlap',
    shapes: [{ ...one, images: { a: { aa: ['0.9'] }, b: { bb: ['0.9'] } } }],
    overlaps: [],
  },
  {
    name: 'two digests for a:0.9 overlap',
    shapes: [{ ...one, images: { a: { '00': ['0.9'], '11': ['0.9'] } } }],
    overlaps: [['gcr.io/bar/a', '0.9', '00', '11']],
  },
  {
    name: 'two manifests that put different digests under the same tag overlap',
    shapes: [
      { ...one, name: 'p', images: { a: { bb: ['v1'] } } },
      { ...one, name: 'q', source: 'gcr.io/other', images: { a: { aa: ['v1'] } } },
    ],
    overlaps: [['gcr.io/bar/a', 'v1', 'aa', 'bb']],
  },
  {
    name: 'two manifests of one source with different tags do not overlap',
    shapes: [
      { ...one, name: 'p', images: { a: { aa: ['v1'] } } },
      { ...one, name: 'q', images: { a: { aa: ['v2'] } } },
    ],
    overlaps: [],
  },
  {
    name: 'the same digest promoted twice is redundant, not an overlap',
    shapes: [
      { ...one, name: 'p', images: { a: { aa: ['v1'] } } },
      { ...one, name: 'q', images: { a: { aa: ['v1'] } } },
    ],
    overlaps: [],
  },
  {
    name: 'digests without a tag never overlap',
    shapes: [{ ...one, images: { a: { aa: [], bb: [] } } }],
    overlaps: [],
  },
  {
    name: 'registry a/b with image c meets registry a with image b/c',
    shapes: [
      { name: 'p', destinations: ['h/a/b'], images: { c: { aa: ['v1'] } } },
      { name: 'q', destinations: ['h/a'], images: { 'b/c': { bb: ['v1'] } } },
    ],
    overlaps: [['h/a/b/c', 'v1', 'aa', 'bb']],
  },
  {
    name: 'destinations some-prod/foo and some-prod/cat stay apart',
    shapes: [
      { name: 'p', destinations: ['us/some-prod/foo'], images: { a: { aa: ['v1'] } } },
      { name: 'q', destinations: ['us/some-prod/cat'], images: { a: { bb: ['v1'] } } },
    ],
    overlaps: [],
  },
  {
    name: 'three digests are all named, sorted',
    shapes: [{ ...one, images: { a: { cc: ['v1'], aa: ['v1'], bb: ['v1'] } } }],
    overlaps: [['gcr.io/bar/a', 'v1', 'aa', 'bb', 'cc']],
  },
];

describe('overlapsOf', () => {
  it.each(rows)('$name', ({ shapes, overlaps }) => {
    const found = [...overlapsOf(edgesOf(shapes.map(projectOf)))].flatMap(([destination, tags]) =>
      [...tags].map(([tag, digests]) => [destination, tag, ...digests.map((value) => value.slice(7, 9))]),
    );

    expect(found).toEqual(overlaps);
  });

  it('finds an overlap between edges and the claims of a project that is not there', () => {
    const edges = edgesOf([projectOf({ ...one, images: { a: { aa: ['v1'] } } })]);
    const claim = { destination: 'gcr.io/bar/a', tag: 'v1', digest: digest('bb'), project: 'q', at: 'q.yaml:1:1' };

    expect(overlapsOf(edges, [claim]).get('gcr.io/bar/a')?.get('v1')).toEqual([digest('aa'), digest('bb')]);
  });
});

describe('foreignClaimsFor', () => {
  const p = projectOf({ ...one, name: 'p', images: { a: { aa: ['v1', 'v2'] }, b: { aa: ['v1'] } } });
  const q = projectOf({ ...one, name: 'q', images: { a: { bb: ['v1'], aa: ['v2'] }, c: { cc: ['v1'] } } });

  it('names the claims of other projects on the same tag with another digest, and where they stand', () => {
    expect(foreignClaimsFor('p', edgesOf([p, q]))).toEqual([
      {
        destination: 'gcr.io/bar/a',
        tag: 'v1',
        digest: digest('bb'),
        project: 'q',
        at: 'images/q/images.yaml:2:80',
      },
    ]);
  });

  it('leaves out agreeing claims even where a third project disagrees', () => {
    const r = projectOf({ ...one, name: 'r', images: { a: { aa: ['v1'] } } });

    expect(foreignClaimsFor('p', edgesOf([p, q, r])).map((claim) => claim.project)).toEqual(['q']);
    expect(foreignClaimsFor('q', edgesOf([p, q, r])).map((claim) => claim.project)).toEqual(['p', 'r']);
  });

  it('is empty when nothing is contested', () => {
    expect(foreignClaimsFor('p', edgesOf([p]))).toEqual([]);
  });

  it('is sorted by destination, tag and digest', () => {
    const own = projectOf({ ...one, name: 'p', images: { b: { aa: ['v2', 'v1'] }, a: { aa: ['v1'] } } });
    const r = projectOf({ ...one, name: 'r', images: { b: { dd: ['v1'] } } });
    const s = projectOf({ ...one, name: 's', images: { b: { cc: ['v1'], bb: ['v2'] }, a: { ee: ['v1'] } } });

    const claims = foreignClaimsFor('p', edgesOf([own, r, s]));

    expect(claims.map((claim) => `${claim.destination}:${claim.tag}@${claim.digest.slice(7, 9)}`)).toEqual([
      'gcr.io/bar/a:v1@ee',
      'gcr.io/bar/b:v1@cc',
      'gcr.io/bar/b:v1@dd',
      'gcr.io/bar/b:v2@bb',
    ]);
  });
});
