// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { PromotionWorld } from './support/promotion-world.ts';

const TREE = ['--manifests', 'tree', '--output', 'json'];

describe('--since', () => {
  it('keeps what changed in the manifests since a ref, an added registry included', async () => {
    await using world = await PromotionWorld.start();
    const { old, young } = await growTree(world);
    const added = await world.run(['plan', ...TREE, '--since', 'HEAD']);
    commit(world, 'second');
    world.writeTree({ [old]: ['v1'], [young]: ['v2'] }, [world.destination, `${world.production.host}/more`]);

    const unchanged = await world.run(['plan', ...TREE, '--since', 'HEAD^']);
    const widened = await world.run(['plan', ...TREE, '--since', 'HEAD']);
    const unknown = await world.run(['plan', ...TREE, '--since', 'no-such-branch']);

    expect(digests(added.stdout)).toEqual([young]);
    expect(added.stderr).toContain('changed since HEAD: 1 edge; 1 unchanged left out');
    expect(digests(unchanged.stdout).sort()).toEqual([old, young, young].sort());
    expect(destinations(widened.stdout)).toEqual([
      `${world.production.host}/more/web`,
      `${world.production.host}/more/web`,
    ]);
    expect(unknown.code).toBe(3);
    expect(unknown.stderr).toContain('no-such-branch');
  });

  it('without a ref takes the base of Nx, and says so when there is none', async () => {
    await using world = await PromotionWorld.start();
    const { young } = await growTree(world);

    const narrowed = await world.run(['plan', ...TREE, '--since'], { NX_BASE: 'HEAD' });
    const unset = await world.run(['plan', ...TREE, '--since']);
    const whole = await world.run(['plan', ...TREE], { NX_BASE: 'HEAD' });

    expect(digests(narrowed.stdout)).toEqual([young]);
    expect(narrowed.stderr).toContain('changed since HEAD: 1 edge; 1 unchanged left out');
    expect([unset.code, unset.stderr]).toEqual([3, expect.stringContaining('NX_BASE')]);
    expect(digests(whole.stdout)).toHaveLength(2);
  });

  it('takes its base from the Prow job or from a date with cip', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'] });
    commit(world, 'first');
    world.writeTree({ [digest]: ['v1', 'v2'] });
    commit(world, 'second');
    const cip = ['cip', '--thin-manifest-dir', 'tree'];

    const after = await world.run([...cip, '--use-prow-manifest-diff'], { JOB_TYPE: 'postsubmit' });
    const before = await world.run([...cip, '--use-prow-manifest-diff'], {
      JOB_TYPE: 'presubmit',
      PULL_BASE_SHA: 'HEAD',
    });
    const nothing = await world.run([...cip, '--use-prow-manifest-diff'], { JOB_TYPE: 'periodic' });
    const dated = await world.run([...cip, '--manifest-diff-since', '14 days']);

    expect(after.stderr).toContain('changed since HEAD^: 1 edge; 1 unchanged left out');
    expect(before).toMatchObject({ code: 0 });
    expect(before.stderr).toContain('0 edges; 2 unchanged left out');
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain('JOB_TYPE');
    expect(dated.stderr).toMatch(/changed since [0-9a-f]{40}: 2 edges; 0 unchanged left out/);
  });
});

/** A tree with one image at its first commit, and a second image that is not committed. */
async function growTree(world: PromotionWorld): Promise<{ readonly old: string; readonly young: string }> {
  const [old, young] = await Promise.all([
    world.push(world.staging, 'staging/web', { seed: 'old' }),
    world.push(world.staging, 'staging/web', { seed: 'young' }),
  ]);
  world.writeTree({ [old]: ['v1'] });
  commit(world, 'first');
  world.writeTree({ [old]: ['v1'], [young]: ['v2'] });
  return { old, young };
}

function commit(world: PromotionWorld, message: string): void {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  const git = (...args: string[]): Buffer =>
    execFileSync('git', args, { cwd: world.tree, stdio: ['ignore', 'pipe', 'pipe'] });
  git('init', '--quiet');
  git('add', 'manifests', 'images');
  git(...identity, 'commit', '--quiet', '-m', message);
}

interface Actions {
  readonly projects: readonly {
    readonly actions: readonly { readonly digest: string; readonly destination: string }[];
  }[];
}

function digests(stdout: string): string[] {
  return (JSON.parse(stdout) as Actions).projects.flatMap(({ actions }) => actions.map(({ digest }) => digest));
}

function destinations(stdout: string): string[] {
  return (JSON.parse(stdout) as Actions).projects.flatMap(({ actions }) =>
    actions.map(({ destination }) => destination),
  );
}
