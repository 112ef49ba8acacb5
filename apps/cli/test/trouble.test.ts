// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PromotionWorld } from './support/promotion-world.ts';

const TREE = ['--manifests', 'tree'];
const DIGEST = `sha256:${'1'.repeat(64)}`;

describe('troubles of a run', () => {
  it('answers 6 for a dead host, with one message for all of its edges', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    const dead = world.destination;
    world.writeTree({ [digest]: ['v1', 'v2', 'v3'] });
    await world.production.close();

    const planned = await world.run(['plan', ...TREE, '--output', 'json']);

    expect(planned.code).toBe(6);
    expect(JSON.parse(planned.stdout)).toMatchObject({ summary: { edges: 3, unreadable: 3 } });
    expect(planned.stderr.split('\n').filter((line) => line.startsWith('promograph: '))).toHaveLength(1);
    expect(planned.stderr).toContain(dead.split('/')[0]);
    expect(planned.stderr).toContain('promograph explain REGISTRY_UNREACHABLE');
  });

  it('promotes to the other destinations when one host is dead, and answers 6', async () => {
    await using world = await PromotionWorld.start();
    await using second = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'] }, [world.destination, second.destination]);
    await second.production.close();

    const promoted = await world.run(['promote', ...TREE, '--confirm', '--output', 'json']);

    expect(promoted.code).toBe(6);
    expect(JSON.parse(promoted.stdout)).toMatchObject({ summary: { copied: 1, failed: 1 } });
    expect(world.production.repositories()['prod/web']?.tags).toEqual({ v1: digest });
  });

  it('answers 6 for a wrong password, and never shows it', async () => {
    const auth = { mode: 'bearer', users: [{ username: 'ci', password: 'right' }] } as const;
    await using world = await PromotionWorld.start({ production: { auth } });
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'] });
    const login = Buffer.from('ci:wrong-password').toString('base64');
    world.write('.docker/config.json', JSON.stringify({ auths: { [world.production.host]: { auth: login } } }));

    const planned = await world.run(['plan', ...TREE, '--verbose']);

    expect(planned.code).toBe(6);
    expect(planned.stderr).toContain('REGISTRY_UNAUTHORIZED');
    expect(planned.stderr).toMatch(new RegExp(`${world.production.host}: credentials from .*config\\.json`));
    for (const secret of ['wrong-password', login]) expect(planned.stdout + planned.stderr).not.toContain(secret);
  });

  it('answers 0 after a storm of 429, having waited', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'] });
    const registries = `registries:\n  "${world.production.host}": { requestsPerSecond: 50 }\n`;
    world.write('tree/promograph.yaml', `apiVersion: promograph/v1\n${registries}`);
    let refusals = 3;
    world.production.setFault(() =>
      refusals-- > 0 ? { kind: 'status', status: 429, headers: { 'retry-after': '1' } } : undefined,
    );

    const promoted = await world.run(['promote', ...TREE, '--confirm']);

    expect(promoted.code).toBe(0);
    expect(promoted.stderr).toMatch(new RegExp(`waiting \\d+ s, .*${world.production.host}`));
  });

  it('answers 3 for an invalid tree, with every place on stderr and the plan of the rest on stdout', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'], 'ha256:abc': ['v0'] });

    const planned = await world.run(['plan', ...TREE, '--output', 'json']);
    const promoted = await world.run(['promote', ...TREE, '--confirm']);

    expect(planned.code).toBe(3);
    expect(JSON.parse(planned.stdout)).toMatchObject({ summary: { edges: 1, add: 1 } });
    expect(planned.stderr).toMatch(/images\/app\/images\.yaml:\d+:\d+: error invalid-digest/);
    expect(promoted.code).toBe(3);
    expect(world.production.repositories()).toEqual({});
  });

  it.each([
    ['canonical: "https://prod.example/app"', 'canonical: "https://prod.example/app"\n  key: key.pem\n', '3:14'],
    [
      'attested legacy signatures',
      'canonical: prod.example/app\n  key: key.pem\n  formats: [legacy]\nattest: {}\n',
      '',
    ],
    ['tuf beside signing', 'canonical: prod.example/app\n  key: key.pem\ntuf: {}\n', '5:1'],
  ])('tells where the settings are wrong, whatever is to be signed: %s', async (_, signing, position) => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'] });
    world.write('tree/promograph.yaml', `apiVersion: promograph/v1\nsigning:\n  ${signing}`);

    const planned = await world.run(['plan', ...TREE]);
    const dry = await world.run(['promote', ...TREE]);
    const others = await Promise.all(['run', 'sign', 'verify'].map((verb) => world.run([verb, ...TREE])));

    for (const { code, stderr } of [planned, dry, ...others]) {
      expect(code).toBe(3);
      expect(stderr).toMatch(new RegExp(`^tree/promograph\\.yaml:${position}.*: error `));
    }
    for (const { stderr } of others) expect(stderr).not.toContain('does not say who signs');
    for (const { stdout } of [planned, dry]) expect(stdout).toContain('Next: promograph validate --manifests tree\n');
  });

  it('accepts an old finding once it is in the baseline', async () => {
    await using world = await PromotionWorld.start();
    world.writeTree({ [DIGEST]: ['v1'], 'ha256:abc': ['v0'] });

    const before = await world.run(['validate', ...TREE]);
    const written = await world.run(['validate', ...TREE, '--write-baseline']);
    const after = await world.run(['validate', ...TREE, '--output', 'json']);

    expect(before.code).toBe(3);
    expect(written.code).toBe(0);
    expect(after.code).toBe(0);
    expect(JSON.parse(after.stdout)).toMatchObject({ summary: { errors: 0, warnings: 1, baselined: 1 } });
    expect(world.staging.requests).toEqual([]);
  });

  it('keeps acknowledged lost images and reasons when it writes the baseline anew', async () => {
    await using world = await PromotionWorld.start();
    world.writeTree({ [DIGEST]: ['v1'], 'ha256:abc': ['v0'] });
    const entry = (code: string, value: string): string =>
      `- code: ${code}\n  file: images/app/images.yaml\n  value: "${value}"\n  reason: as was agreed\n`;
    const accepted = entry('lost-image', DIGEST) + entry('invalid-digest', 'ha256:abc');
    world.write('tree/promograph-baseline.yaml', `apiVersion: promograph/v1\naccepted:\n${accepted}`);

    const written = await world.run(['validate', ...TREE, '--write-baseline']);

    expect(written.code).toBe(0);
    const text = readFileSync(join(world.tree, 'promograph-baseline.yaml'), 'utf8');
    expect(text).toContain('lost-image');
    expect(text.match(/as was agreed/g)).toHaveLength(2);
  });

  it('makes a baseline under another name', async () => {
    await using world = await PromotionWorld.start();
    world.writeTree({ [DIGEST]: ['v1'], 'ha256:abc': ['v0'] });

    const written = await world.run(['validate', ...TREE, '--write-baseline', '--baseline', 'old.yaml']);
    const used = await world.run(['validate', ...TREE, '--baseline', 'old.yaml']);
    const unused = await world.run(['validate', ...TREE]);

    expect([written.code, used.code, unused.code]).toEqual([0, 0, 3]);
  });

  it.each<[string, string[], string]>([
    ['a tree that is not there', ['plan', '--manifests', 'nowhere'], 'nowhere'],
    ['no tree anywhere above', ['plan'], '--manifests'],
    ['an unknown project', ['plan', ...TREE, '--project', 'nope'], 'nope'],
    ['a ref outside of any repository', ['plan', ...TREE, '--since', 'main'], 'git'],
    ['a ref that is an option', ['plan', ...TREE, '--since=--output=/tmp/x'], 'ref'],
    ['an unreadable plan', ['promote', ...TREE, '--plan', 'nope.json'], 'nope.json'],
  ])('answers 3 for %s', async (_, argv, named) => {
    await using world = await PromotionWorld.start();
    world.writeTree({ [DIGEST]: ['v1'] });

    const result = await world.run(argv);

    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(result.stderr).toContain(named);
    expect(result.stderr).not.toContain('    at ');
  });
});
