// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { PromotionWorld } from './support/promotion-world.ts';

const TREE = ['--manifests', 'tree'];

describe('the program over real registries', () => {
  it('plans what is missing, promotes it, and then finds everything present', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one', tags: ['v1'] });
    world.writeTree({ [digest]: ['v1', 'v1.0'] });

    const first = await world.run(['plan', ...TREE, '--output', 'json', '--detailed-exitcode']);
    const promoted = await world.run(['promote', ...TREE, '--confirm']);
    const second = await world.run(['plan', ...TREE, '--output', 'json', '--detailed-exitcode']);

    expect(first).toMatchObject({ code: 2, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({ summary: { edges: 2, add: 2, present: 0 } });
    expect(promoted.code).toBe(0);
    expect(promoted.stdout).toContain('Promoted: 2 added');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(second.stdout)).toMatchObject({ summary: { edges: 2, add: 0, present: 2 } });
    expect(world.production.repositories()['prod/web']?.tags).toEqual({ v1: digest, 'v1.0': digest });
  });

  it('writes nothing without --confirm, and says so', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'] });

    const dry = await world.run(['promote', ...TREE]);

    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('Dry run, nothing was written');
    expect(dry.stdout).toContain('Next: promograph promote --manifests tree --confirm');
    expect(world.production.repositories()).toEqual({});
    expect(world.production.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  });

  it('answers 5 for a lost image and promotes the others', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    const lost = `sha256:${'0'.repeat(64)}`;
    world.writeTree({ [digest]: ['v1'], [lost]: ['v0'] });

    const planned = await world.run(['plan', ...TREE]);
    const promoted = await world.run(['promote', ...TREE, '--confirm', '--output', 'json']);

    expect(planned.code).toBe(5);
    expect(promoted.code).toBe(5);
    expect(JSON.parse(promoted.stdout)).toMatchObject({ summary: { copied: 1, lost: 1, failed: 0 } });
    expect(world.production.repositories()['prod/web']?.tags).toEqual({ v1: digest });
  });

  it('answers 4 for a tag that would move, and leaves the tag alone', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    const other = await world.push(world.production, 'prod/web', { seed: 'other', tags: ['v1'] });
    world.writeTree({ [digest]: ['v1', 'v2'] });

    const planned = await world.run(['plan', ...TREE]);
    const promoted = await world.run(['promote', ...TREE, '--confirm']);

    expect(planned.code).toBe(4);
    expect(planned.stdout).toContain(other.slice('sha256:'.length, 'sha256:'.length + 12));
    expect(promoted.code).toBe(4);
    expect(world.production.repositories()['prod/web']?.tags).toEqual({ v1: other, v2: digest });
  });

  it('executes a reviewed plan, and answers 4 when it is stale', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'] });
    const plan = await world.run(['plan', ...TREE, '--output', 'json']);
    world.write('plan.json', plan.stdout);

    world.writeTree({ [digest]: ['v1', 'v2'] });
    const stale = await world.run(['promote', ...TREE, '--plan', 'plan.json', '--confirm']);
    world.writeTree({ [digest]: ['v1'] });
    const fresh = await world.run(['promote', ...TREE, '--plan', 'plan.json', '--confirm']);
    world.write('plan.json', '{"formatVersion": "1.0"}');
    const broken = await world.run(['promote', ...TREE, '--plan', 'plan.json', '--confirm']);

    expect(stale.code).toBe(4);
    expect(stale.stderr).toContain('PROMOTER_STALE_PLAN');
    expect(fresh.code).toBe(0);
    expect(broken.code).toBe(3);
    expect(world.production.repositories()['prod/web']?.tags).toEqual({ v1: digest });
  });

  it('promotes a plain manifest', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.write(
      'plain.yaml',
      `registries:\n- name: ${world.source}\n  src: true\n- name: ${world.destination}\n` +
        `images:\n- name: web\n  dmap:\n    "${digest}": ["v1"]\n`,
    );

    const promoted = await world.run(['promote', '--manifest', 'plain.yaml', '--confirm']);

    expect(promoted.code).toBe(0);
    expect(world.production.repositories()['prod/web']?.tags).toEqual({ v1: digest });
  });
});
