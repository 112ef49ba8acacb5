// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Project } from '@promograph/manifest';
import { edgesOf } from './edges-of.ts';
import { digest, type ProjectShape, projectOf } from './testing.ts';

/** `destination:tag@hex` of each edge, which is all that these rows are about. */
function short(projects: readonly Project[]): readonly string[] {
  return edgesOf(projects).map((edge) => `${edge.destination}:${edge.tag ?? ''}@${edge.digest.slice(7, 9)}`);
}

const rows: readonly { name: string; shapes: readonly ProjectShape[]; edges: readonly string[] }[] = [
  {
    name: 'one image with tags v1 and latest and two destinations gives four edges, and the source is never a destination',
    shapes: [{ images: { a: { aa: ['v1', 'latest'] } } }],
    edges: ['gcr.io/bar/a:latest@aa', 'gcr.io/bar/a:v1@aa', 'gcr.io/cat/a:latest@aa', 'gcr.io/cat/a:v1@aa'],
  },
  {
    name: 'a digest without tags gives one edge without a tag',
    shapes: [{ destinations: ['gcr.io/bar'], images: { a: { aa: [] } } }],
    edges: ['gcr.io/bar/a:@aa'],
  },
  {
    name: 'an image without digests gives no edge',
    shapes: [{ images: { a: {} } }],
    edges: [],
  },
  {
    name: 'a project without destinations gives no edge',
    shapes: [{ destinations: [], images: { a: { aa: ['v1'] } } }],
    edges: [],
  },
  {
    name: "a destination with the source's own name is skipped",
    shapes: [{ source: 'gcr.io/foo', destinations: ['gcr.io/foo', 'gcr.io/bar'], images: { a: { aa: ['v1'] } } }],
    edges: ['gcr.io/bar/a:v1@aa'],
  },
  {
    name: 'the same registry written twice is one destination',
    shapes: [{ destinations: ['gcr.io/bar', 'gcr.io/bar'], images: { a: { aa: ['v1'] } } }],
    edges: ['gcr.io/bar/a:v1@aa'],
  },
  {
    name: 'entries that repeat an image name are merged, and the same digest and tag is one edge',
    shapes: [
      {
        destinations: ['gcr.io/bar'],
        images: [
          ['a', { bb: ['v2'], aa: ['v1'] }],
          ['a', { aa: ['v1', 'v0'] }],
        ],
      },
    ],
    edges: ['gcr.io/bar/a:v0@aa', 'gcr.io/bar/a:v1@aa', 'gcr.io/bar/a:v2@bb'],
  },
  {
    name: 'a digest that stands with a tag in one entry and without in another has both edges, the tagless one first',
    shapes: [
      {
        destinations: ['gcr.io/bar'],
        images: [
          ['a', { aa: ['v1'] }],
          ['a', { aa: [] }],
        ],
      },
    ],
    edges: ['gcr.io/bar/a:@aa', 'gcr.io/bar/a:v1@aa'],
  },
  {
    name: 'destinations sort as whole repositories, where a hyphen stands before a slash',
    shapes: [{ destinations: ['gcr.io/b', 'gcr.io/b-c'], images: { a: { aa: ['v1'] } } }],
    edges: ['gcr.io/b-c/a:v1@aa', 'gcr.io/b/a:v1@aa'],
  },
  {
    name: 'projects come by name whatever their order',
    shapes: [
      { name: 'z', destinations: ['gcr.io/z'], images: { a: { aa: ['v1'] } } },
      { name: 'b', destinations: ['gcr.io/b'], images: { a: { aa: ['v1'] } } },
    ],
    edges: ['gcr.io/b/a:v1@aa', 'gcr.io/z/a:v1@aa'],
  },
];

describe('edgesOf', () => {
  it.each(rows)('$name', ({ shapes, edges }) => {
    expect(short(shapes.map(projectOf))).toEqual(edges);
  });

  it('prints the source as the source registry and the image name', () => {
    const [edge] = edgesOf([projectOf({ source: 'gcr.io/staging', images: { 'sub/foo': { aa: ['v1'] } } })]);

    expect(edge).toMatchObject({ project: 'p', source: 'gcr.io/staging/sub/foo', digest: digest('aa') });
  });

  it('says where the tag stands, where the digest stands when it has no tag, and the first place of a repeated tag', () => {
    const edges = edgesOf([
      projectOf({
        destinations: ['gcr.io/bar'],
        images: [
          ['a', { aa: ['v1'], bb: [] }],
          ['a', { aa: ['v1'] }],
        ],
      }),
    ]);

    expect(edges.map(({ at }) => [at.line, at.column])).toEqual([
      [2, 80],
      [3, 5],
    ]);
  });
});
