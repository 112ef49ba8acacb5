// SPDX-License-Identifier: Apache-2.0
import devkit from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import devkitTesting from '@nx/devkit/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { initGenerator } from './init/init.ts';
import { manifestGenerator } from './manifest/manifest.ts';

let tree: Tree;

beforeEach(() => {
  tree = devkitTesting.createTreeWithEmptyWorkspace();
});

describe('init', () => {
  it('registers the plugin and ignores the state directory', async () => {
    tree.write('.gitignore', 'node_modules');

    await initGenerator(tree, { skipFormat: true });

    expect(devkit.readNxJson(tree)?.plugins).toEqual([{ plugin: '@promograph/nx/plugin', options: {} }]);
    expect(tree.read('.gitignore', 'utf8')).toBe('node_modules\n.promo/\n');
  });

  it('makes the nx.json that a new repository does not have, and ignores what Nx keeps', async () => {
    tree.delete('nx.json');

    await initGenerator(tree, { skipFormat: true });

    expect(devkit.readJson(tree, 'nx.json')).toEqual({ plugins: [{ plugin: '@promograph/nx/plugin', options: {} }] });
    expect(tree.read('.gitignore', 'utf8')).toBe('.promo/\n.nx/\n');
  });

  it('writes settings that sign nothing until somebody says who does', async () => {
    await initGenerator(tree, { skipFormat: true });
    const text = tree.read('promograph.yaml', 'utf8') ?? '';

    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'apiVersion: promograph/v1',
    ]);
    expect(text).toContain('# signing:');
  });

  it('keeps settings that are there', async () => {
    tree.write('promograph.yaml', 'apiVersion: promograph/v1\nlimiter: { store: memory }\n');

    await initGenerator(tree, { skipFormat: true });

    expect(tree.read('promograph.yaml', 'utf8')).toContain('memory');
  });

  it('changes nothing the second time', async () => {
    await initGenerator(tree, { skipFormat: true });
    const files = ['nx.json', '.gitignore', 'promograph.yaml'];
    const before = files.map((file) => tree.read(file, 'utf8'));

    await initGenerator(tree, { skipFormat: true });

    expect(files.map((file) => tree.read(file, 'utf8'))).toEqual(before);
  });

  it('keeps what is registered already, by whichever spelling', async () => {
    devkit.updateNxJson(tree, { plugins: ['@nx/js', { plugin: '@promograph/nx', options: { stateDir: 'state' } }] });
    tree.write('.gitignore', '/.promo\n');

    await initGenerator(tree, { skipFormat: true });

    expect(devkit.readNxJson(tree)?.plugins).toHaveLength(2);
    expect(tree.read('.gitignore', 'utf8')).toBe('/.promo\n');
  });
});

describe('manifest', () => {
  const options = {
    name: 'foo',
    source: 'localhost:5000/staging/foo',
    destination: ['prod.example.org/foo', ' eu.example.org'],
  };

  it('writes the pair of files that make a project', async () => {
    await manifestGenerator(tree, { ...options, tree: 'trees/a', skipFormat: true });

    expect(tree.read('trees/a/manifests/foo/promoter-manifest.yaml', 'utf8')).toBe(
      'registries:\n  - name: localhost:5000/staging/foo\n    src: true\n' +
        '  - name: prod.example.org/foo\n  - name: eu.example.org\n',
    );
    expect(tree.read('trees/a/images/foo/images.yaml', 'utf8')).toMatch(/^(#.*\n)+\[\]\n$/);
  });

  it.each([
    ['a name that is a path', { name: '../foo' }, 'not a project name'],
    ['a registry with a scheme', { source: 'https://example.org/foo' }, 'not a registry'],
    ['no destination', { destination: [' '] }, 'at least one destination'],
  ])('refuses %s', async (_, more, message) => {
    await expect(manifestGenerator(tree, { ...options, ...more })).rejects.toThrow(message);
  });

  it('refuses to overwrite a project', async () => {
    await manifestGenerator(tree, { ...options, skipFormat: true });

    await expect(manifestGenerator(tree, { ...options, skipFormat: true })).rejects.toThrow('exists already');
  });
});
