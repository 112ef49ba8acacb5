// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CreateNodesResult, ProjectConfiguration } from '@nx/devkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SOURCE_PACKAGES } from './engine.ts';
import { createNodes, createNodesV2, name } from './plugin.ts';

let workspaceRoot: string;

beforeEach(async () => {
  workspaceRoot = await mkdtemp(join(tmpdir(), 'promograph-plugin-'));
});

afterEach(() => rm(workspaceRoot, { recursive: true, force: true }));

async function infer(
  files: readonly string[],
  options?: unknown,
  texts: Readonly<Record<string, string>> = {},
): Promise<Record<string, ProjectConfiguration>> {
  for (const file of files) {
    await mkdir(join(workspaceRoot, dirname(file)), { recursive: true });
    await writeFile(join(workspaceRoot, file), ': [ not yaml');
  }
  for (const [file, text] of Object.entries(texts)) await writeFile(join(workspaceRoot, file), text);
  const context = { workspaceRoot, nxJsonConfiguration: {} };
  const results: (readonly [string, CreateNodesResult])[] = await createNodes[1](files, options as never, context);
  return Object.fromEntries(
    results.flatMap(([, result]) =>
      Object.entries(result.projects ?? {}).map(([root, project]) => [project.name ?? '', { ...project, root }]),
    ),
  );
}

describe('createNodes', () => {
  it('has a name, because Nx shows an ESM plugin without one as [object Object]', () => {
    expect(name).toBe('@promograph/nx');
    expect(createNodesV2).toBe(createNodes);
  });

  it('makes a project of each directory of the tree at the workspace root, whatever its file holds', async () => {
    const projects = await infer(['manifests/foo/promoter-manifest.yaml', 'manifests/bar/promoter-manifest.yaml']);

    expect(Object.keys(projects)).toEqual(['bar', 'foo']);
    expect(projects['foo']).toMatchObject({ root: 'manifests/foo', tags: ['type:promotion'] });
    expect(Object.keys(projects['foo']?.targets ?? {})).toEqual([
      'snapshot',
      'validate',
      'plan',
      'promote',
      'sign',
      'attest',
    ]);
  });

  it('infers on a Node without what came after 20, where only tasks may refuse', async () => {
    const grouping = vi.spyOn(Map, 'groupBy').mockImplementation(() => {
      throw new TypeError('Map.groupBy is not a function');
    });
    try {
      expect(Object.keys(await infer(['manifests/foo/promoter-manifest.yaml']))).toEqual(['foo']);
    } finally {
      grouping.mockRestore();
    }
  });

  it('leaves trees alone that no root names', async () => {
    const projects = await infer([
      'manifests/foo/promoter-manifest.yaml',
      'fixtures/manifests/x/promoter-manifest.yaml',
    ]);

    expect(Object.keys(projects)).toEqual(['foo']);
  });

  it('takes several roots and keeps their names apart', async () => {
    const files = ['trees/a', 'trees/b', '.'].map((root) => join(root, 'manifests/foo/promoter-manifest.yaml'));
    const roots = [{ path: './trees/a/' }, { path: 'trees/b', prefix: 'b.' }, { path: '.' }];

    const projects = await infer(files, { roots, namePrefix: 'p-' });

    expect(Object.keys(projects).sort()).toEqual(['p-b.foo', 'p-foo', 'p-trees-a-foo']);
    expect(projects['p-b.foo']?.targets?.['plan']?.options).toMatchObject({ project: 'foo', tree: 'trees/b' });
  });

  it('gives two trees with one prefix different names, because equal names break every command', async () => {
    const files = ['a/manifests/foo/promoter-manifest.yaml', 'b/manifests/foo/promoter-manifest.yaml'];

    const projects = await infer(files, { roots: ['a', 'b'].map((path) => ({ path, prefix: '' })) });

    expect(Object.keys(projects)).toEqual(['foo', 'b-foo']);
  });

  it.each([
    ['roots that are no list', { roots: 'trees' }, 'roots must be a list'],
    ['a root without a path', { roots: [{ path: '.' }, {}] }, 'each of roots needs a path'],
    ['a state directory outside the tree', { stateDir: '../out' }, 'stateDir must be a relative path inside'],
    ['an option that does not exist', { root: '.' }, 'unknown option root'],
    ['a flag that is text', { replicate: 'yes' }, 'replicate must be true or false'],
  ])('lets tasks, not inference, tell of %s', async (_, options, message) => {
    const projects = await infer(['manifests/foo/promoter-manifest.yaml'], options);

    const { problem } = projects['foo']?.targets?.['plan']?.options as { problem: string };
    expect(problem).toContain(message);
  });
});

describe('targets', () => {
  it('all name the four files of the project as inputs, in the tree of the project', async () => {
    const projects = await infer(['trees/a/manifests/foo/promoter-manifest.yaml'], { roots: [{ path: 'trees/a' }] });

    for (const target of Object.values(projects['trees-a-foo']?.targets ?? {})) {
      expect(target.inputs).toEqual(
        expect.arrayContaining([
          '{projectRoot}/promoter-manifest.yaml',
          '{workspaceRoot}/trees/a/images/foo/images.yaml',
          '{workspaceRoot}/trees/a/promograph.yaml',
          '{workspaceRoot}/trees/a/promograph-baseline.yaml',
          { externalDependencies: [] },
        ]),
      );
    }
  });

  it('cache plan and validate, never snapshot and promote, and tie the plan to the snapshot', async () => {
    const { foo } = await infer(['manifests/foo/promoter-manifest.yaml'], { stateDir: 'state' });
    const targets = foo?.targets ?? {};

    expect(
      Object.entries(targets)
        .filter(([, target]) => target.cache === true)
        .map(([key]) => key),
    ).toEqual(['validate', 'plan']);
    expect(targets['snapshot']?.outputs).toEqual(['{workspaceRoot}/state/foo/snapshot.json']);
    expect(targets['plan']?.dependsOn).toEqual(['snapshot']);
    expect(targets['plan']?.inputs).toContainEqual({ dependentTasksOutputFiles: '**/snapshot.json' });
  });

  it('share one executor where they depend on nothing, and not with what is behind the uncached snapshot', async () => {
    const { foo } = await infer(['manifests/foo/promoter-manifest.yaml']);

    const executors = Object.entries(foo?.targets ?? {}).map(([stage, target]) => [stage, target.executor]);
    expect(Object.fromEntries(executors)).toEqual({
      snapshot: '@promograph/nx:inspect',
      validate: '@promograph/nx:inspect',
      plan: '@promograph/nx:run',
      promote: '@promograph/nx:run',
      sign: '@promograph/nx:run',
      attest: '@promograph/nx:run',
    });
  });

  it('forward flags from attest over sign to promote, because stages before it would run dry otherwise', async () => {
    const { foo } = await infer(['manifests/foo/promoter-manifest.yaml']);

    expect(foo?.targets?.['sign']).toMatchObject({
      cache: false,
      dependsOn: [{ target: 'promote', params: 'forward' }],
      configurations: { confirm: { confirm: true } },
    });
    expect(foo?.targets?.['attest']?.dependsOn).toEqual([{ target: 'sign', params: 'forward' }]);
  });

  it.each([
    ['staging in promograph.yaml', 'promograph.yaml', 'staging:\n  signatures: require\n', true],
    ['scan in promograph.yaml', 'promograph.yaml', 'apiVersion: x\nscan : {}\n', true],
    ['a commented section', 'promograph.yaml', '# staging:\n', false],
    ['a key inside another section', 'promograph.yaml', 'registries:\n  scan:\n', false],
    ["another project's policy", 'manifests/bar/promoter-manifest.yaml', 'provenance:\n  mode: warn\n', true],
  ])('put validate behind the snapshot for %s: %s', async (_name, file, text, expected) => {
    const { foo } = await infer(
      ['manifests/bar/promoter-manifest.yaml', 'manifests/foo/promoter-manifest.yaml'],
      {},
      { [file]: text },
    );

    const { validate } = foo?.targets ?? {};
    expect(validate?.dependsOn).toEqual(expected ? ['snapshot'] : undefined);
    expect(validate?.executor).toBe(expected ? '@promograph/nx:run' : '@promograph/nx:inspect');
    expect(validate?.cache).toBe(true);
    expect(JSON.stringify(validate?.inputs).includes('**/snapshot.json')).toBe(expected);
  });

  it.each<[string, Record<string, unknown>, string, boolean]>([
    ['nobody asks for it', {}, '', false],
    ['the tree is configured to', {}, 'replicate:\n  referrers: true\n', true],
    ['an option says so', { replicate: true }, '', true],
    ['an option says no', { replicate: false }, 'replicate: {}\n', false],
  ])('have replicate where %s: %s', async (_name, options, text, expected) => {
    const { foo } = await infer(['manifests/foo/promoter-manifest.yaml'], options, { 'promograph.yaml': text });

    expect(Object.keys(foo?.targets ?? {}).includes('replicate')).toBe(expected);
    expect(foo?.metadata?.targetGroups?.['Promotion']?.includes('replicate')).toBe(expected);
  });

  it('forward no flag from promote to what it depends on', async () => {
    const { foo } = await infer(['manifests/foo/promoter-manifest.yaml']);

    expect(foo?.targets?.['promote']).toMatchObject({
      dependsOn: ['validate', 'plan'],
      configurations: { confirm: { confirm: true } },
    });
  });

  it('tell what they do, with a help command that holds no name of the tree', async () => {
    const { $foo } = await infer(['manifests/$foo/promoter-manifest.yaml']);

    for (const [stage, target] of Object.entries($foo?.targets ?? {})) {
      expect(target.metadata?.description).toMatch(/\.$/);
      expect(target.metadata?.help?.command).toBe(`npx promograph ${stage} --help`);
    }
  });
});

describe('SOURCE_PACKAGES', () => {
  it('are exactly the workspace packages that the plugin reaches', async () => {
    const reached = new Set<string>();
    const visit = async (directory: string): Promise<void> => {
      const text = await readFile(new URL(`../../../${directory}/package.json`, import.meta.url), 'utf8');
      const { name: own, dependencies = {} } = JSON.parse(text) as { name: string; dependencies?: object };
      reached.add(own);
      for (const other of Object.keys(dependencies)) {
        if (other.startsWith('@promograph/') && !reached.has(other)) await visit(other.replace('@promograph', 'libs'));
      }
    };

    await visit('tools/executors');

    expect([...SOURCE_PACKAGES].sort()).toEqual([...reached].sort());
  });
});
