// SPDX-License-Identifier: Apache-2.0
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, pushImage, startRegistry } from '@promograph/devstack';
import type { BuiltImage, RunningRegistry } from '@promograph/devstack';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedTasks, createNxWorkspace, NX_VERSIONS } from './support/fresh-nx-workspace.ts';
import type { CommandResult, NxWorkspace } from './support/fresh-nx-workspace.ts';
import { packArchives } from './support/packed-archives.ts';

const PROJECTS = ['alpha', 'beta'] as const;

const image = (seed: string): BuiltImage => buildImage({ layers: [{ sizeBytes: 2048, seed }] });
const images = { alpha: image('alpha'), beta: image('beta') };

let archives: readonly string[];

beforeAll(async () => {
  archives = await packArchives();
});

describe.each(NX_VERSIONS)('a fresh workspace on nx %s', (nxVersion) => {
  let staging: RunningRegistry;
  let production: RunningRegistry;
  let workspace: NxWorkspace;

  beforeAll(async () => {
    [staging, production] = await Promise.all([startRegistry(), startRegistry()]);
    workspace = await createNxWorkspace(nxVersion, archives);
    for (const project of PROJECTS) {
      const repository = `staging/${project}/app`;
      await pushImage({ url: staging.url, repository, image: images[project], tags: ['v1', 'v2'] });
      workspace.write(
        `manifests/${project}/promoter-manifest.yaml`,
        `registries:\n- name: ${staging.host}/staging/${project}\n  src: true\n- name: ${production.host}/prod/${project}\n`,
      );
      writeImages(project, 'v1');
    }
    await workspace.git('init', '--quiet', '--initial-branch=main');
    await commit('first');
  });

  afterAll(async () => {
    await Promise.all([staging?.close(), production?.close()]);
    workspace?.remove();
  });

  function writeImages(project: (typeof PROJECTS)[number], ...tags: readonly string[]): void {
    const digest = images[project].manifest.digest;
    workspace.write(
      `images/${project}/images.yaml`,
      `- name: app\n  dmap:\n    "${digest}": [${tags.map((tag) => `"${tag}"`).join(', ')}]\n`,
    );
  }

  async function commit(message: string): Promise<void> {
    await workspace.git('add', '--all');
    expect(await workspace.git('commit', '--quiet', '-m', message)).toMatchObject({ exitCode: 0 });
  }

  const planAll = (): Promise<CommandResult> => workspace.nx('run-many', '-t', 'plan', '--output-style=static');
  const tagsInProduction = (): readonly string[] =>
    Object.entries(production.repositories()).flatMap(([repository, { tags }]) =>
      Object.keys(tags).map((tag) => `${repository}:${tag}`),
    );

  it('has a project for each directory of the tree', async () => {
    const { output } = await workspace.nx('show', 'projects', '--json');

    expect(JSON.parse(output)).toEqual(expect.arrayContaining([...PROJECTS]));
  });

  it('shows what a target does', async () => {
    const { output } = await workspace.nx('show', 'project', 'alpha', '--json');

    const { targets } = JSON.parse(output) as { targets: Record<string, { metadata: { description: string } }> };
    expect(Object.keys(targets)).toEqual(
      expect.arrayContaining(['snapshot', 'validate', 'plan', 'promote', 'sign', 'attest']),
    );
    expect(targets['plan']?.metadata.description).toContain('Says what promotion would');
  });

  it('writes the graph', async () => {
    expect(await workspace.nx('graph', '--file=graph.json')).toMatchObject({ exitCode: 0 });

    const text = readFileSync(join(workspace.dir, 'graph.json'), 'utf8');
    const { graph } = JSON.parse(text) as { graph: { nodes: Record<string, object> } };
    expect(Object.keys(graph.nodes)).toEqual(expect.arrayContaining([...PROJECTS]));
  });

  it('plans, and takes the plan from the cache exactly when neither YAML nor registries changed', async () => {
    const first = await planAll();
    expect(first).toMatchObject({ exitCode: 0 });
    expect(cachedTasks(first.output)).toEqual([]);
    expect(cachedTasks((await planAll()).output)).toEqual(['alpha:plan', 'beta:plan']);

    await pushImage({ url: production.url, repository: 'prod/alpha/app', image: images.alpha, tags: ['v1'] });
    expect(cachedTasks((await planAll()).output)).toEqual(['beta:plan']);

    await fetch(`${production.url}/v2/prod/alpha/app/manifests/${images.alpha.manifest.digest}`, { method: 'DELETE' });
    expect(cachedTasks((await planAll()).output)).toEqual(['alpha:plan', 'beta:plan']);

    writeImages('beta', 'v1', 'v2');
    expect(cachedTasks((await planAll()).output)).toEqual(['alpha:plan']);

    writeImages('beta', 'v1');
    expect(cachedTasks((await planAll()).output)).toEqual(['alpha:plan', 'beta:plan']);
  });

  it('takes validations from the cache as well', async () => {
    const args = ['run-many', '-t', 'snapshot,validate', '--output-style=static'] as const;
    expect(await workspace.nx(...args)).toMatchObject({ exitCode: 0 });

    expect(cachedTasks((await workspace.nx(...args)).output)).toEqual(['alpha:validate', 'beta:validate']);
  });

  it('restores a plan that was deleted, with the same bytes', async () => {
    const file = join(workspace.dir, '.promo/alpha/plan.json');
    const before = readFileSync(file, 'utf8');
    rmSync(join(workspace.dir, '.promo'), { recursive: true });

    await planAll();

    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('confines a broken project: all commands work and the others are planned', async () => {
    workspace.write('manifests/broken/promoter-manifest.yaml', 'registries: [');
    workspace.write('images/broken/images.yaml', ': [ not yaml');
    try {
      const { exitCode, output } = await planAll();

      expect(exitCode).not.toBe(0);
      expect(output).toMatch(/manifests\/broken\/promoter-manifest\.yaml:\d+:\d+/);
      expect(cachedTasks(output)).toEqual(['alpha:plan', 'beta:plan']);
      expect(await workspace.nx('run', 'alpha:validate')).toMatchObject({ exitCode: 0 });
    } finally {
      for (const group of ['manifests', 'images']) rmSync(join(workspace.dir, group, 'broken'), { recursive: true });
    }
  });

  it('fails a mistyped flag with one line and no stack', async () => {
    const { exitCode, output } = await workspace.nx('run', 'alpha:promote', '--confrim');

    expect(exitCode).toBe(1);
    expect(output.match(/^.*unknown option --confrim.*$/gm)).toHaveLength(1);
    expect(output).not.toMatch(/^\s+at /m);
    expect(tagsInProduction()).toEqual([]);
  });

  it('writes nothing to a registry without --confirm', async () => {
    production.clearRequests();

    const { exitCode } = await workspace.nx('run-many', '-t', 'promote');

    expect(exitCode).toBe(0);
    expect(production.requests.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    expect(tagsInProduction()).toEqual([]);
  });

  it('promotes the affected project alone, after validate and plan', async () => {
    writeImages('beta', 'v1', 'v2');
    await commit('promote v2 of beta');

    const args = ['-t', 'promote', '--confirm', '--base=HEAD~1', '--head=HEAD', '--output-style=static'];
    const { exitCode, output } = await workspace.nx('affected', ...args);

    expect(exitCode, output).toBe(0);
    for (const target of ['snapshot', 'validate', 'plan', 'promote']) expect(output).toContain(`nx run beta:${target}`);
    expect(output).not.toContain('nx run alpha:');
    expect(tagsInProduction()).toEqual(['prod/beta/app:v1', 'prod/beta/app:v2']);
  });

  it('promotes with the named configuration too, and one task at a time without batches', async () => {
    const { exitCode, output } = await workspace.nx('run', 'alpha:promote:confirm', '--batch=false');

    expect(exitCode, output).toBe(0);
    expect(tagsInProduction()).toContain('prod/alpha/app:v1');
  });

  it('makes a presubmit red for a lost image, and nothing else', async () => {
    workspace.write('images/beta/images.yaml', `- name: app\n  dmap:\n    "sha256:${'0'.repeat(64)}": ["v9"]\n`);

    expect(await workspace.nx('run', 'beta:plan')).toMatchObject({ exitCode: 0 });
    expect(await workspace.nx('run', 'beta:plan:presubmit')).toMatchObject({ exitCode: 1 });
    writeImages('beta', 'v1', 'v2');
  });

  it('ends within the time that Nx gives it when it is interrupted, and leaves no process behind', async () => {
    staging.setFault(() => ({ kind: 'delay', ms: 60_000 }));
    production.setFault(() => ({ kind: 'delay', ms: 60_000 }));
    for (const registry of [staging, production]) registry.clearRequests();
    const nx = join(workspace.dir, 'node_modules', '.bin', 'nx');
    const run = execa(nx, ['run-many', '-t', 'snapshot'], {
      ...{ cwd: workspace.dir, env: workspace.env, extendEnv: false, reject: false, all: true, detached: true },
    });
    await expect.poll(() => production.counts.total + staging.counts.total, { timeout: 30_000 }).toBeGreaterThan(0);

    run.kill('SIGTERM');
    const { all } = await run;
    expect(all).not.toContain('Unhandled');

    const isGroupAlive = (): boolean => {
      try {
        return process.kill(-(run.pid ?? 0), 0);
      } catch {
        return false;
      }
    };
    await expect.poll(isGroupAlive, { timeout: 6_000, interval: 100 }).toBe(false);
    staging.setFault(undefined);
    production.setFault(undefined);
  });
});
