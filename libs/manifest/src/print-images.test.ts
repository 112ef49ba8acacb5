// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appFiles, digestOf, readFiles, REGISTRIES } from '../test/tree-fixture.ts';
import { arbitraryImages, type PlainImage, plainImages, shuffled } from '../test/arbitrary-images.ts';
import { type Finding, type PrintableImage, printImages, readPlainManifest, type Tree } from './index.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const parse = async (text: string): Promise<Tree> => readFiles(appFiles(text));
const print = (images: readonly PlainImage[]): string => printImages(images as readonly PrintableImage[]);
const errorsOf = (findings: readonly Finding[]): string[] =>
  findings.filter(({ severity }) => severity === 'error').map(({ code, value }) => `${code} ${value}`);

/** What edges are made of: every image, digest and tag, without places and order. */
const contentOf = (tree: Tree): string[] =>
  plainImages(tree)
    .flatMap(({ name, digests }) =>
      digests.flatMap(({ digest, tags }) =>
        (tags.length === 0 ? [''] : tags.map(({ tag }) => tag)).map((tag) => `${name} ${digest} ${tag}`),
      ),
    )
    .sort();

describe('printImages', () => {
  it('prints the style of promotion snapshots', () => {
    const images: PlainImage[] = [
      { name: 'bar', digests: [{ digest: digestOf('0'), tags: [{ tag: '0.5' }, { tag: '0.8' }] }] },
      { name: 'foo', digests: [{ digest: digestOf('1'), tags: [] }] },
    ];

    expect(print(images)).toBe(
      `- name: bar\n  dmap:\n    "${digestOf('0')}": ["0.5", "0.8"]\n- name: foo\n  dmap:\n    "${digestOf('1')}": []\n`,
    );
  });

  it('gives back the same images when its text is read as a thin tree', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryImages, async (images) => {
        const tree = await parse(print(images));

        expect(errorsOf(tree.findings)).toEqual([]);
        expect(plainImages(tree)).toEqual(images);
      }),
      { numRuns: 60 },
    );
  });

  it('gives back the same images when its text is read in a plain manifest', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'promograph-plain-'));
    const file = join(directory, 'plain.yaml');
    try {
      await fc.assert(
        fc.asyncProperty(arbitraryImages, async (images) => {
          writeFileSync(file, `${REGISTRIES}images: ${images.length === 0 ? '' : '\n'}${print(images)}`);
          const tree = await readPlainManifest(file);

          expect(errorsOf(tree.findings)).toEqual([]);
          expect(plainImages(tree)).toEqual(images);
        }),
        { numRuns: 30 },
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('is stable: printing what was read of its own text changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryImages, async (images) => {
        const text = print(images);
        const tree = await parse(text);

        expect(printImages(tree.projects[0]?.images ?? [])).toBe(text);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the order of a file', () => {
  it('changes neither what is promoted nor what is found', async () => {
    const withMistakes = fc.tuple(
      arbitraryImages,
      fc.subarray(['BAD', 'ha256:1', digestOf('f')]),
      fc.infiniteStream(fc.nat()),
    );
    await fc.assert(
      fc.asyncProperty(withMistakes, async ([images, odd, random]) => {
        const digests = odd.map((digest) => ({ digest, tags: [{ tag: 'ok' }, { tag: '.bad' }] }));
        const all = digests.length === 0 ? images : [...images, { name: 'odd', digests }];
        const [straight, mixed] = await Promise.all([parse(print(all)), parse(print(shuffled(all, random)))]);

        expect(contentOf(mixed)).toEqual(contentOf(straight));
        expect(mixed.findings.map(({ code, value }) => `${code} ${value}`).sort()).toEqual(
          straight.findings.map(({ code, value }) => `${code} ${value}`).sort(),
        );
      }),
      { numRuns: 60 },
    );
  });
});
