// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseManifestDocument, MEDIA_TYPES } from '@promograph/oci';
import { edgesOf } from '@promograph/plan';
import { digest, projectOf } from '@promograph/plan/testing';
import { printSnapshotCsv, printSnapshotJson, printSnapshotYaml } from './print-snapshot.ts';
import { filterByTag, minimalSnapshot, type SnapshotModel, wantedSnapshot } from './snapshot-model.ts';

/** Out of order in every way that can be. */
const sample: SnapshotModel = {
  images: [
    {
      name: 'foo',
      digests: [
        { digest: 'sha256:abc', tags: [] },
        { digest: 'sha256:111', tags: ['one'] },
      ],
    },
    { name: 'bar', digests: [{ digest: 'sha256:000', tags: ['0.9', '0.5', '0.8'] }] },
  ],
};

const SAMPLE_YAML = `- name: bar
  dmap:
    "sha256:000": ["0.5", "0.8", "0.9"]
- name: foo
  dmap:
    "sha256:111": ["one"]
    "sha256:abc": []
`;

const SAMPLE_CSV = `bar@sha256:000,bar:0.5
bar@sha256:000,bar:0.8
bar@sha256:000,bar:0.9
foo@sha256:111,foo:one
foo@sha256:abc,-
`;

describe('a snapshot', () => {
  it('prints as the YAML of the existing promoter, sorted', () => {
    expect(printSnapshotYaml(sample)).toBe(SAMPLE_YAML);
  });

  it('prints as the CSV of the existing promoter, sorted', () => {
    expect(printSnapshotCsv(sample)).toBe(SAMPLE_CSV);
  });

  it('ends with one more empty line where the old tool did', () => {
    expect(printSnapshotYaml(sample, { trailingBlankLine: true })).toBe(`${SAMPLE_YAML}\n`);
    expect(printSnapshotCsv(sample, { trailingBlankLine: true })).toBe(`${SAMPLE_CSV}\n`);
  });

  it('of nothing is just a newline for the old tool and nothing otherwise', () => {
    expect(printSnapshotYaml({ images: [] }, { trailingBlankLine: true })).toBe('\n');
    expect(printSnapshotYaml({ images: [] })).toBe('');
  });

  it('prints as JSON with a format version', () => {
    expect(JSON.parse(printSnapshotJson(sample))).toEqual({
      formatVersion: '1.0',
      images: [
        { name: 'bar', digests: [{ digest: 'sha256:000', tags: ['0.5', '0.8', '0.9'] }] },
        {
          name: 'foo',
          digests: [
            { digest: 'sha256:111', tags: ['one'] },
            { digest: 'sha256:abc', tags: [] },
          ],
        },
      ],
    });
  });

  it('merges an image that is given twice', () => {
    const twice = {
      images: [...sample.images, { name: 'foo', digests: [{ digest: 'sha256:111', tags: ['uno', 'one'] }] }],
    };

    expect(printSnapshotCsv(twice)).toBe(SAMPLE_CSV.replace('foo:one\n', 'foo:one\nfoo@sha256:111,foo:uno\n'));
  });

  it('lets no name of a registry add a line', () => {
    const images = [{ name: 'a\n- name: b', digests: [{ digest: 'sha256:1', tags: [] }] }];

    expect(printSnapshotYaml({ images }).split('\n')).toHaveLength(4);
    expect(printSnapshotCsv({ images })).toBe('"a\\n- name: b"@sha256:1,-\n');
  });
});

describe('filterByTag', () => {
  const model = {
    images: [
      {
        name: 'a',
        digests: [
          { digest: 'd1', tags: ['v1', 'latest'] },
          { digest: 'd2', tags: ['v2'] },
        ],
      },
    ],
  };

  it('keeps the digest that has the tag, with all of its tags', () => {
    expect(filterByTag(model, 'v1')).toEqual({
      images: [{ name: 'a', digests: [{ digest: 'd1', tags: ['v1', 'latest'] }] }],
    });
  });

  it('is empty when no digest has the tag', () => {
    expect(filterByTag(model, 'v3')).toEqual({ images: [] });
  });
});

describe('minimalSnapshot', () => {
  const descriptor = (hex: string): unknown => ({ mediaType: MEDIA_TYPES.ociManifest, digest: digest(hex), size: 2 });
  const index = parseManifestDocument(
    new TextEncoder().encode(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociIndex,
        manifests: [descriptor('a1'), descriptor('a2')],
      }),
    ),
    MEDIA_TYPES.ociIndex,
  );
  const model = {
    images: [
      {
        name: 'a',
        digests: [
          { digest: index.digest, tags: [] },
          { digest: digest('a1'), tags: [] },
          { digest: digest('a2'), tags: ['amd64'] },
          { digest: digest('a3'), tags: [] },
        ],
      },
      { name: 'b', digests: [{ digest: digest('a1'), tags: [] }] },
    ],
  };
  const children = new Map([['a', new Set<string>(index.children.map((child) => child.digest))]]);

  it('knows both manifests of an index as its children', () => {
    expect([...(children.get('a') ?? [])]).toEqual([digest('a1'), digest('a2')]);
  });

  it('drops a child that has no tag, and keeps the index, tagged children and digests of other images', () => {
    expect(
      minimalSnapshot(model, children).images.map(({ name, digests }) => [name, digests.map((entry) => entry.digest)]),
    ).toEqual([
      ['a', [index.digest, digest('a2'), digest('a3')]],
      ['b', [digest('a1')]],
    ]);
  });

  it('drops an image of which nothing is left', () => {
    expect(minimalSnapshot(model, new Map([['b', new Set([digest('a1')])]])).images.map(({ name }) => name)).toEqual([
      'a',
    ]);
  });
});

describe('wantedSnapshot', () => {
  const edges = edgesOf([
    projectOf({ name: 'p', destinations: ['h/images', 'h/images2'], images: { a: { aa: ['v1', 'v2'], bb: [] } } }),
    projectOf({ name: 'q', destinations: ['h/images/sub'], images: { a: { cc: ['v1'] } } }),
    projectOf({ name: 'r', destinations: ['h/images'], images: [['a', { aa: [] }]] }),
  ]);

  it('is what manifests would put below a registry, with names relative to it', () => {
    expect(wantedSnapshot(edges, 'h/images')).toEqual({
      images: [
        {
          name: 'a',
          digests: [
            { digest: digest('aa'), tags: ['v1', 'v2'] },
            { digest: digest('bb'), tags: [] },
          ],
        },
        { name: 'sub/a', digests: [{ digest: digest('cc'), tags: ['v1'] }] },
      ],
    });
  });

  it('stops at a slash, so images does not match images2', () => {
    expect(wantedSnapshot(edges, 'h/images2').images.map(({ name }) => name)).toEqual(['a']);
    expect(wantedSnapshot(edges, 'h/imag').images).toEqual([]);
  });

  it('takes a registry with a slash at its end', () => {
    expect(wantedSnapshot(edges, 'h/images/')).toEqual(wantedSnapshot(edges, 'h/images'));
  });
});
