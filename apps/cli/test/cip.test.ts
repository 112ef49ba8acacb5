// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { PromotionWorld } from './support/promotion-world.ts';

const TREE = ['cip', '--thin-manifest-dir', 'tree'];
const NOT_THERE = `sha256:${'0'.repeat(64)}`;

describe('cip over real registries', () => {
  it('tells without --confirm what it would do, on stderr alone', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'] });

    const dry = await world.run(TREE);

    expect(dry).toMatchObject({ code: 0, stdout: '' });
    expect(dry.stderr).toContain('1 to add');
    expect(world.production.repositories()).toEqual({});
  });

  it.each([['--confirm'], ['--confirm=true'], ['--confirm=T']])('promotes with %s --sign=false', async (confirm) => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'], [NOT_THERE]: ['v0'] });

    const promoted = await world.run([...TREE, confirm, '--sign=false']);

    expect(promoted).toMatchObject({ code: 0, stdout: '' });
    expect(world.production.repositories()['prod/web']?.tags).toEqual({ v1: digest });
  });

  it('fails where everything is lost', async () => {
    await using world = await PromotionWorld.start();
    world.writeTree({ [NOT_THERE]: ['v0'], [NOT_THERE.replace(/0$/, '1')]: ['v1'] });

    const planned = await world.run([...TREE, '--parse-only']);
    const promoted = await world.run([...TREE, '--confirm', '--sign=false']);

    expect([planned.code, promoted.code]).toEqual([1, 1]);
  });

  it('fails at a tag move', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    await world.push(world.production, 'prod/web', { seed: 'other', tags: ['v1'] });
    world.writeTree({ [digest]: ['v1'] });

    const planned = await world.run([...TREE, '--parse-only']);

    expect(planned.code).toBe(1);
    expect(planned.stderr).toContain('tag');
  });

  it('prints snapshots with one more blank line, and nothing else on stdout', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one', tags: ['v1'] });

    const yaml = await world.run(['cip', '--snapshot', world.source]);
    const csv = await world.run(['cip', '--snapshot', world.source, '--output', 'CSV', '--snapshot-tag', 'v1']);

    expect(yaml).toEqual({ code: 0, stdout: `- name: web\n  dmap:\n    "${digest}": ["v1"]\n\n`, stderr: '' });
    expect(csv.stdout).toBe(`web@${digest},web:v1\n\n`);
  });
});
