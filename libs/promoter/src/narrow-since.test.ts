// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPlainManifest, readTree } from '@promograph/manifest';
import { edgesOf } from '@promograph/plan';
import { describe, expect, it } from 'vitest';
import { GitRepository } from './git-repository.testing.ts';
import { narrowSince } from './narrow-since.ts';

const DIGESTS = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`);
const [A = '', B = '', C = ''] = DIGESTS;

class Tree extends GitRepository {
  project(
    name: string,
    dmap: Readonly<Record<string, readonly string[]>>,
    destinations: readonly string[] = ['prod/x'],
  ): void {
    const registries = [
      '- name: staging.example/s\n  src: true',
      ...destinations.map((to) => `- name: ${to.replace('prod', 'prod.example')}`),
    ];
    this.write(`${this.prefix}manifests/${name}/promoter-manifest.yaml`, `registries:\n${registries.join('\n')}\n`);
    const digests = Object.entries(dmap).map(([digest, tags]) => `    "${digest}": ${JSON.stringify(tags)}\n`);
    this.write(`${this.prefix}images/${name}/images.yaml`, `- name: ${name}\n  dmap:\n${digests.join('')}`);
  }

  prefix = '';

  async since(ref: string): Promise<string[]> {
    const root = join(this.dir, this.prefix);
    const edges = await narrowSince({
      root,
      ref,
      current: edgesOf((await readTree(root)).projects),
      env: this.place.env,
    });
    return edges.map(({ destination, digest, tag }) => `${destination} ${digest.slice(7, 8)}:${tag ?? ''}`);
  }
}

describe('narrowSince', () => {
  it('keeps new digests and new tags alone', async () => {
    using tree = new Tree();
    tree.project('web', { [A]: ['v1'] });
    tree.commit();
    tree.project('web', { [A]: ['v1', 'v2'], [B]: [] });

    expect(await tree.since('HEAD')).toEqual(['prod.example/x/web a:v2', 'prod.example/x/web b:']);
  });

  it('keeps a tag that now stands at another digest, and not what was taken away', async () => {
    using tree = new Tree();
    tree.project('web', { [A]: ['v1'], [C]: ['v3'] });
    tree.commit();
    tree.project('web', { [B]: ['v1'], [C]: ['v3'] });

    expect(await tree.since('HEAD')).toEqual(['prod.example/x/web b:v1']);
  });

  it('keeps all edges to a registry that was added, and none for one that was removed', async () => {
    using tree = new Tree();
    tree.project('web', { [A]: ['v1'] }, ['prod/x', 'prod/y']);
    tree.commit();
    tree.project('web', { [A]: ['v1'] }, ['prod/x', 'prod/z']);

    expect(await tree.since('HEAD')).toEqual(['prod.example/z/web a:v1']);
  });

  it('does not mind comments, order and quotes', async () => {
    using tree = new Tree();
    tree.project('web', { [A]: ['v1'], [B]: ['v2'] });
    tree.commit();
    tree.write('images/web/images.yaml', `# new\n- name: web\n  dmap:\n    ${B}: [v2]\n    ${A}:\n    - v1\n`);

    expect(await tree.since('HEAD')).toEqual([]);
  });

  it('works in a tree below the root of the repository', async () => {
    using tree = new Tree();
    tree.prefix = 'deep/tree/';
    tree.project('web', { [A]: ['v1'] });
    tree.commit();
    tree.project('other', { [B]: ['v1'] });

    expect(await tree.since('HEAD')).toEqual(['prod.example/x/other b:v1']);
  });

  it('takes everything for new where the tree was not there', async () => {
    using tree = new Tree();
    tree.commit();
    tree.project('web', { [A]: ['v1'] });

    expect(await tree.since('HEAD')).toEqual(['prod.example/x/web a:v1']);
    expect(await tree.since('4b825dc642cb6eb9a060e54bf8d69288fbee4904')).toHaveLength(1);
  });

  it('takes a project for new that could not be used then', async () => {
    using tree = new Tree();
    tree.project('web', { [A]: ['v1'] });
    tree.write('images/web/images.yaml', '- name: [\n');
    tree.commit();
    tree.project('web', { [A]: ['v1'] });

    expect(await tree.since('HEAD')).toEqual(['prod.example/x/web a:v1']);
  });

  it('compares plain manifests', async () => {
    using tree = new Tree();
    const registries = 'registries:\n- name: staging.example/s\n  src: true\n- name: prod.example/x\n';
    const images = (tags: string): string => `images:\n- name: web\n  dmap:\n    "${A}": [${tags}]\n`;
    tree.write('plain.yaml', registries + images('v1'));
    tree.commit();
    tree.write('plain.yaml', registries + images('v1, v2'));
    const current = edgesOf((await readPlainManifest(join(tree.dir, 'plain.yaml'))).projects);

    const edges = await narrowSince({
      root: tree.dir,
      ref: 'HEAD',
      current,
      plainManifest: 'plain.yaml',
      env: tree.place.env,
    });

    expect(edges.map(({ tag }) => tag)).toEqual(['v2']);
  });

  it('starts nothing that the repository configures', async () => {
    using tree = new Tree();
    tree.project('web', { [A]: ['v1'] });
    tree.commit();
    const touched = join(tree.dir, 'touched');
    for (const key of ['core.fsmonitor', 'core.sshCommand', 'diff.external', 'core.pager']) {
      tree.git('config', key, `touch ${touched}; false`);
    }

    await tree.since('HEAD');

    expect(existsSync(touched)).toBe(false);
  });

  it.each(['no-such-branch', 'HEAD^^^^'])('says that git does not know %s', async (ref) => {
    using tree = new Tree();
    tree.project('web', { [A]: ['v1'] });
    tree.commit();

    await expect(tree.since(ref)).rejects.toThrow(expect.objectContaining({ code: 'PROMOTER_GIT' }));
    await expect(tree.since(ref)).rejects.toThrow(ref);
  });
});
