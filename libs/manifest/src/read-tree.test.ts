// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { appFiles, digestOf, fullPlacesOf, readFiles, REGISTRIES } from '../test/tree-fixture.ts';
import { ManifestError, readPlainManifest, readTree, readTreeFrom, treeSourceOf } from './index.ts';

const IMAGES = `- name: app\n  dmap:\n    "${digestOf('1')}": ["1.0"]\n`;
const base = mkdtempSync(join(tmpdir(), 'promograph-tree-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

function writeTree(name: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name, path)), { recursive: true });
    writeFileSync(join(base, name, path), text);
  }
  return join(base, name);
}

const project = (name: string, images: string = IMAGES): Record<string, string> => ({
  [`manifests/${name}/promoter-manifest.yaml`]: REGISTRIES,
  [`images/${name}/images.yaml`]: images,
});

describe('readTree', () => {
  it('reads projects in lexical order with files, hashes and places', async () => {
    const root = writeTree('four', { ...project('d'), ...project('b'), ...project('a'), ...project('c') });
    const tree = await readTree(root);

    expect(tree.findings).toEqual([]);
    expect(tree.projectNames).toEqual(['a', 'b', 'c', 'd']);
    expect(tree.projects.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(tree.projects[1]).toMatchObject({
      manifestFile: 'manifests/b/promoter-manifest.yaml',
      imagesFile: 'images/b/images.yaml',
      source: { name: 'registry.example.org/staging', isSource: true, serviceAccount: null },
      destinations: [{ name: 'registry.example.org/prod' }],
      images: [
        {
          name: 'app',
          at: { file: 'images/b/images.yaml', line: 1, column: 9 },
          digests: [{ digest: digestOf('1'), at: { line: 3, column: 5 }, tags: [{ tag: '1.0', at: { line: 3 } }] }],
        },
      ],
    });
    expect(tree.projects[0]?.imagesSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('accepts the five spellings of a directory', async () => {
    const root = writeTree('spelt', project('app'));
    const previous = process.cwd();
    const spellings = [root, `${root}/`, relative(previous, root), `${relative(previous, root)}/`];
    const trees = await Promise.all(spellings.map((spelling) => readTree(spelling)));

    expect(trees.map((tree) => [tree.root, tree.projects.length])).toEqual(spellings.map(() => [root, 1]));
    expect((await readTree(join(root, 'manifests', '..', '.'))).root).toBe(root);
  });

  it('throws only when the root is no directory', async () => {
    const file = join(writeTree('file', { 'a.txt': '' }), 'a.txt');
    const refused = await Promise.all(
      [join(base, 'absent'), file].map((root) => readTree(root).catch((error: unknown) => error)),
    );

    expect(refused.map((error) => error instanceof ManifestError && error.code)).toEqual([
      'MANIFEST_ROOT_UNREADABLE',
      'MANIFEST_ROOT_UNREADABLE',
    ]);
  });

  it('notes what the system refuses to read, and what is gone between listing and reading', async () => {
    const source = treeSourceOf('/tree', new Map(Object.entries({ ...project('a'), ...project('b') })));
    const tree = await readTreeFrom({
      ...source,
      read: async (path, maxBytes) => {
        if (path === 'images/a/images.yaml') return { kind: 'unreadable', reason: 'EACCES' };
        return path === 'images/b/images.yaml' ? { kind: 'absent' } : source.read(path, maxBytes);
      },
    });

    expect(fullPlacesOf(tree.findings)).toEqual([
      'unreadable-file images/a/images.yaml:1:1',
      'unreadable-file images/b/images.yaml:1:1',
    ]);
    expect(tree.projects).toEqual([]);
  });

  it('takes two projects with one source for valid', async () => {
    const tree = await readFiles({ ...project('a'), ...project('b', IMAGES.replace('1.0', '2.0')) });

    expect([tree.findings, tree.projects.length]).toEqual([[], 2]);
  });

  it('warns of images without a project and of directories without a manifest', async () => {
    const tree = await readFiles({
      ...project('app'),
      'images/old/images.yaml': IMAGES,
      'manifests/wip/README.md': '',
    });

    expect(fullPlacesOf(tree.findings)).toEqual([
      'orphan-images images/old/images.yaml:1:1',
      'directory-without-manifest manifests/wip:1:1',
    ]);
    expect(tree.findings.every(({ severity, isFatal }) => severity === 'warning' && !isFatal)).toBe(true);
  });

  it('confines a broken project to itself', async () => {
    const tree = await readFiles({ ...project('a', 'not: a list\n'), ...project('b') });

    expect(tree.projects.map(({ name }) => name)).toEqual(['b']);
    expect(tree.projectNames).toEqual(['a', 'b']);
    expect(tree.findings).toMatchObject([{ code: 'wrong-type', project: 'a', isFatal: true }]);
  });

  it('reads only the projects asked for and names unknown ones', async () => {
    const tree = await readFiles(
      { ...project('alpha', 'broken: ['), ...project('beta') },
      { projects: ['beta', 'bta'] },
    );

    expect(tree.projects.map(({ name }) => name)).toEqual(['beta']);
    expect(tree.findings).toMatchObject([{ code: 'unknown-project', value: 'bta', hint: 'Did you mean "beta"?' }]);
  });

  it('refuses files beyond the limits before parsing them', async () => {
    const tooManyBytes = await readFiles(appFiles(IMAGES), { limits: { maxBytes: 96 } });
    const tooManyTokens = await readFiles(appFiles(`[${','.repeat(5000)}]`), { limits: { maxTokens: 1000 } });

    expect(fullPlacesOf(tooManyBytes.findings)).toEqual(['too-large images/app/images.yaml:1:1']);
    expect(fullPlacesOf(tooManyTokens.findings)).toEqual(['too-large images/app/images.yaml:1:1000']);
  });

  it('keeps names of a hostile tree printable', async () => {
    const tree = await readFiles({ ...project('app'), 'images/a\u001b[2J/images.yaml': '' });

    expect(tree.findings[0]?.value).toBe('a\\u{1b}[2J');
    expect(tree.findings[0]?.at.file).toBe('images/a\\u{1b}[2J/images.yaml');
  });
});

describe('readPlainManifest', () => {
  it('reads registries and images of one file, named after it', async () => {
    const text = `${REGISTRIES}images:\n${IMAGES} # the end\n`;
    const root = writeTree('plain', { 'team.yaml': text });
    const tree = await readPlainManifest(join(root, 'team.yaml'));

    expect(tree).toMatchObject({ root, projectNames: ['team'], findings: [] });
    expect(tree.projects[0]).toMatchObject({ name: 'team', manifestFile: 'team.yaml', imagesFile: 'team.yaml' });
    expect(tree.projects[0]?.images).toHaveLength(1);
  });

  it('throws when there is no such file', async () => {
    await expect(readPlainManifest(join(base, 'absent.yaml'))).rejects.toMatchObject({
      code: 'MANIFEST_FILE_UNREADABLE',
    });
  });

  it('does not know imagesPath, which belongs to thin manifests', async () => {
    const root = writeTree('plain-path', { 'team.yaml': `${REGISTRIES}imagesPath: images\n` });

    const tree = await readPlainManifest(join(root, 'team.yaml'));
    expect(fullPlacesOf(tree.findings)).toEqual(['unknown-key team.yaml:5:1']);
  });

  it('refuses the manifest of a tree, whose images are in another file, and reads one that has its own', async () => {
    const both = `${REGISTRIES}images:\n${IMAGES}`;
    const root = writeTree('thin', { ...project('app'), 'manifests/whole/promoter-manifest.yaml': both });

    await expect(readPlainManifest(join(root, 'manifests/app/promoter-manifest.yaml'))).rejects.toMatchObject({
      code: 'MANIFEST_THIN_FILE',
      hint: `Name the tree and the project in it: --manifests ${root} --project app`,
    });
    const tree = await readPlainManifest(join(root, 'manifests/whole/promoter-manifest.yaml'));
    expect(tree.projects[0]?.images).toHaveLength(1);
  });

  it('reads the same project as the thin form does', async () => {
    const root = writeTree('both', { ...project('app'), 'app.yaml': `${REGISTRIES}images:\n${IMAGES}` });
    cpSync(join(root, 'app.yaml'), join(root, 'again.yaml'));
    const [thin, plain] = [await readTree(root), await readPlainManifest(join(root, 'app.yaml'))];

    const names = (tree: typeof thin): unknown =>
      tree.projects[0]?.images.map(({ name, digests }) => [name, digests.length]);
    expect(names(plain)).toEqual(names(thin));
    expect(plain.projects[0]?.source).toMatchObject({ name: thin.projects[0]?.source.name });
  });
});
