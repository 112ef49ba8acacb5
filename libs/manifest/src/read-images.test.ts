// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { appFiles, digestOf, placesOf, readFiles, REGISTRIES } from '../test/tree-fixture.ts';
import type { Tree } from './index.ts';

const read = (images: string, manifest?: string): Promise<Tree> => readFiles(appFiles(images, manifest));
const image = (digest: string, tags: string): string => `- name: app\n  dmap:\n    ${digest}: ${tags}\n`;
const tagsOf = (tree: Tree): string[] =>
  tree.projects.flatMap(({ images }) =>
    images.flatMap(({ digests }) => digests.flatMap(({ tags }) => tags.map(({ tag }) => tag))),
  );
const digestsOf = (tree: Tree): number => tree.projects[0]?.images.flatMap(({ digests }) => digests).length ?? -1;

describe('digests', () => {
  it.each([
    ['64 lower-case hexadecimal digits', digestOf('a')],
    ['sha512 with 128 digits', `sha512:${'0'.repeat(128)}`],
  ])('accepts %s', async (_name, digest) => {
    const tree = await read(image(`"${digest}"`, '["1.0"]'));

    expect([tree.findings, digestsOf(tree)]).toEqual([[], 1]);
  });

  it.each([
    ['nothing', ''],
    ['one digit', 'sha256:0'],
    ['65 digits', `${digestOf('a')}a`],
    ['a letter beyond f', digestOf('a').replace(/a$/, 'x')],
    ['no algorithm', 'a'.repeat(64)],
  ])('refuses %s and drops only that digest', async (_name, digest) => {
    const tree = await read(`${image(`"${digest}"`, '["1.0"]')}    "${digestOf('2')}": ["2.0"]\n`);

    expect(tree.findings).toMatchObject([
      { code: 'invalid-digest', message: `invalid digest: ${digest}`, isFatal: false },
    ]);
    expect(tagsOf(tree)).toEqual(['2.0']);
  });

  it.each([
    ['without its algorithm', 'a'.repeat(64), `Did you mean "sha256:${'a'.repeat(64)}"?`],
    ['with a misspelt one', `ha256:${'a'.repeat(64)}`, `Did you mean "sha256:${'a'.repeat(64)}"?`],
    ['with too few digits', 'sha256:0', 'Correct the digest, or accept it'],
  ])('says what a digest %s should be', async (_name, digest, hint) => {
    const { findings } = await read(image(`"${digest}"`, '["1.0"]'));

    expect(findings[0]?.hint).toContain(hint);
  });

  it('finds the same digest twice in a large dmap quickly and at the second place', async () => {
    const line = (index: number): string => `    "sha256:${index.toString(16).padStart(64, '0')}": []\n`;
    const lines = Array.from({ length: 20_000 }, (_, index) => line(index));
    const tree = await read(`- name: app\n  dmap:\n${lines.join('')}${line(7)}`);

    expect(placesOf(tree.findings)).toEqual(['duplicate-key 20003:5']);
  });
});

describe('tags', () => {
  it.each(['a', '_', 'latest', '_latest', '_____----hello........', 't'.repeat(128)])('accepts %s', async (tag) => {
    const tree = await read(image(`"${digestOf('a')}"`, `["${tag}"]`));

    expect([tree.findings, tagsOf(tree)]).toEqual([[], [tag]]);
  });

  it.each(['', '.', '-', '안녕', 'a b', 't'.repeat(129)])('refuses "%s" and drops only that tag', async (tag) => {
    const tree = await read(image(`"${digestOf('a')}"`, `["${tag}", "good"]`));

    expect(tree.findings).toMatchObject([
      { code: 'invalid-tag', message: `invalid tag: ${tag === '' ? '""' : tag}`, isFatal: false },
    ]);
    expect(tagsOf(tree)).toEqual(['good']);
  });

  it.each([
    ['1.10', '1.10'],
    ['0x1F', '0x1F'],
    ['yes', 'yes'],
    ['2022-01-31', '2022-01-31'],
    ["'007'", '007'],
    ['!!str 1.0', '1.0'],
    ['|-\n      1.2', '1.2'],
  ])('keeps the source text of %s', async (written, tag) => {
    const tree = await read(image(digestOf('a'), `\n    - ${written}`));

    expect([tree.findings, tagsOf(tree)]).toEqual([[], [tag]]);
  });

  it.each(['[]', '', '~', 'null'])('takes the list "%s" for tagless', async (list) => {
    const tree = await read(image(digestOf('a'), list));

    expect([tree.findings, digestsOf(tree), tagsOf(tree)]).toEqual([[], 1, []]);
  });

  it('refuses an unquoted null, which other readers take for an empty tag', async () => {
    expect(placesOf((await read(image(digestOf('a'), '[null, "null"]'))).findings)).toEqual(['invalid-tag 3:79']);
  });

  it('warns of a tag that is repeated for one digest and keeps one', async () => {
    const tree = await read(image(digestOf('a'), '[v1, v2, v1]'));

    expect(tree.findings).toMatchObject([{ code: 'repeated-tag', severity: 'warning', value: 'v1' }]);
    expect(tagsOf(tree)).toEqual(['v1', 'v2']);
  });
});

describe('images', () => {
  it.each(['', '# only a comment\n', '[]\n', '---\n', '~\n', '\ufeff'])('takes "%s" for no image', async (text) => {
    const tree = await read(text);

    expect([tree.findings, tree.projects[0]?.images]).toEqual([[], []]);
  });

  it('keeps the order and the repetitions of the file, with a warning for each repetition', async () => {
    const entry = (name: string, digit: string): string => `- name: ${name}\n  dmap:\n    ${digestOf(digit)}: []\n`;
    const tree = await read([entry('b', '1'), entry('a', '2'), entry('b', '3'), entry('b', '4')].join(''));

    expect(tree.projects[0]?.images.map(({ name }) => name)).toEqual(['b', 'a', 'b', 'b']);
    expect(placesOf(tree.findings)).toEqual(['repeated-image-name 7:9', 'repeated-image-name 10:9']);
  });

  it('accepts names with slashes and line ends of Windows', async () => {
    const tree = await read(`- name: team/app\r\n  dmap:\r\n    ${digestOf('1')}: ["1"] # c\r\n`);

    expect([tree.findings, tree.projects[0]?.images[0]?.name]).toEqual([[], 'team/app']);
  });

  it('reports every mistake of a file at once, in its order', async () => {
    const text = `- name: App\n  dmap:\n    sha256:1: [".", "ok"]\n  extra: 1\n- dmap: {}\n`;

    expect(placesOf((await read(text)).findings)).toEqual([
      'invalid-image-name 1:9',
      'invalid-digest 3:5',
      'invalid-tag 3:16',
      'unknown-key 4:3',
      'empty-dmap 5:3',
      'missing-key 5:3',
    ]);
  });
});

describe('registries', () => {
  it.each(['true', 'yes', 'Yes', 'on', 'y', 'TRUE'])('reads src: %s as the source', async (word) => {
    const tree = await read('', REGISTRIES.replace('src: true', `src: ${word}`));

    expect([tree.findings, tree.projects[0]?.source.name]).toEqual([[], 'registry.example.org/staging']);
  });

  it.each(['"true"', '1', 'si', '[true]'])('does not take src: %s for a boolean', async (word) => {
    const { findings } = await read('', REGISTRIES.replace('src: true', `src: ${word}`));

    expect(findings[1]).toMatchObject({ code: 'invalid-boolean', at: { line: 3, column: 8 } });
  });

  it('keeps the service account and ignores imagesPath', async () => {
    const tree = await read('', `${REGISTRIES}  service-account: robot@example.org\nimagesPath: ../images\n`);

    expect(tree.findings).toEqual([]);
    expect(tree.projects[0]?.destinations[0]?.serviceAccount).toBe('robot@example.org');
  });

  it.each(['gcr.io/k8s-staging-foo', 'localhost:5000', 'us-docker.pkg.dev/a/b/c', '"[::1]:5000/x"', 'registry'])(
    'accepts the registry %s',
    async (name) => {
      expect((await read('', `${REGISTRIES}- name: ${name}\n`)).findings).toEqual([]);
    },
  );

  it.each(['Gcr.io/a', 'gcr.io/', 'gcr.io//a', 'https://gcr.io/a', 'gcr.io/a:1', 'a:99999/b', '-a/b', '~'])(
    'refuses the registry %s',
    async (name) => {
      expect(placesOf((await read('', `${REGISTRIES}- name: ${name}\n`)).findings)).toEqual(['invalid-registry 5:9']);
    },
  );

  it('warns when there is no destination', async () => {
    const tree = await read('', 'registries:\n- {name: a.example.org, src: true}\n');

    expect(tree.findings).toMatchObject([{ code: 'no-destination', severity: 'warning' }]);
    expect(tree.projects).toHaveLength(1);
  });
});
