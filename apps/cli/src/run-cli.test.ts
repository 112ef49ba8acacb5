// SPDX-License-Identifier: Apache-2.0
import { PromoterError, type PromoterErrorCode } from '@promograph/promoter';
import { RegistryError } from '@promograph/registry';
import { describe, expect, it } from 'vitest';
import { fakeAction, type FakeAnswers, fakeDigest, fakeFinding, fakeWorld, planRun } from './fake-context.testing.ts';
import { runCli } from './run-cli.ts';

const TAG_MOVE = fakeAction('refused', { reason: 'tag-move', observed: fakeDigest('b') });
const DEAD_HOST = { host: 'prod.example', code: 'REGISTRY_UNREACHABLE', message: 'connection refused', edges: 1 };

describe('exit code of plan', () => {
  it.each<[string, string[], FakeAnswers, number]>([
    ['nothing to do is 0', [], {}, 0],
    ['everything present is 0', [], { plan: () => planRun([fakeAction('present')]) }, 0],
    ['pending changes are 0', [], { plan: () => planRun([fakeAction('add')]) }, 0],
    ['pending changes are 2 when asked', ['--detailed-exitcode'], { plan: () => planRun([fakeAction('tag')]) }, 2],
    ['nothing pending is 0 when asked', ['--detailed-exitcode'], { plan: () => planRun([fakeAction('present')]) }, 0],
    ['a finding is 3', [], { workspace: { findings: [fakeFinding()] } }, 3],
    ['a warning is 0', [], { workspace: { findings: [fakeFinding({ severity: 'warning' })] } }, 0],
    ['a finding of another project is 0', [], { workspace: { findings: [fakeFinding({ project: 'other' })] } }, 0],
    ['a tag move is 4', [], { plan: () => planRun([TAG_MOVE]) }, 4],
    ['a lost image is 5', [], { plan: () => planRun([fakeAction('lost')]) }, 5],
    ['an accepted lost image is 0', [], { plan: () => planRun([fakeAction('lost', { isAccepted: true })]) }, 0],
    ['a dead host is 6', [], { plan: () => planRun([fakeAction('unreadable')], { hostFailures: [DEAD_HOST] }) }, 6],
    ['a refusal beats a dead host', [], { plan: () => planRun([TAG_MOVE], { hostFailures: [DEAD_HOST] }) }, 4],
    ['a dead host beats lost', [], { plan: () => planRun([fakeAction('lost')], { hostFailures: [DEAD_HOST] }) }, 6],
    [
      'lost beats changes',
      ['--detailed-exitcode'],
      { plan: () => planRun([fakeAction('add'), fakeAction('lost')]) },
      5,
    ],
    ['a bug is 1', [], { plan: () => fail(new TypeError('x is undefined')) }, 1],
  ])('%s', async (_, flags, answers, expected) => {
    const world = fakeWorld(answers);

    expect(await runCli(['plan', ...flags], world.context)).toBe(expected);
    expect(world.closed()).toBe(1);
  });
});

describe('exit code of errors', () => {
  it.each<[string, Error, number]>([
    ['no tree is 3', promoterError('PROMOTER_NO_TREE'), 3],
    ['an unknown ref is 3', promoterError('PROMOTER_GIT'), 3],
    ['a stale plan is 4', promoterError('PROMOTER_STALE_PLAN'), 4],
    ['a held lock is 6', promoterError('PROMOTER_LOCKED'), 6],
    ['a wrong password is 6', new RegistryError('REGISTRY_UNAUTHORIZED', 'no'), 6],
    ['anything else is 1', new Error('boom'), 1],
  ])('%s', async (_, error, expected) => {
    const world = fakeWorld({ open: () => fail(error) });

    expect(await runCli(['plan'], world.context)).toBe(expected);
    expect(world.stdout()).toBe('');
    expect(world.stderr()).toContain(error.message);
  });

  it('tells a bug as one, and its stack only with --verbose', async () => {
    const plain = fakeWorld({ open: () => fail(new TypeError('boom')) });
    const verbose = fakeWorld({ open: () => fail(new TypeError('boom')) });

    await runCli(['plan'], plain.context);
    await runCli(['plan', '--verbose'], verbose.context);

    expect(plain.stderr()).toContain('this is a bug');
    expect(plain.stderr()).not.toContain('    at ');
    expect(verbose.stderr()).toContain('    at ');
  });

  it('is 130 when the run was interrupted, whatever it came to', async () => {
    const world = fakeWorld({ plan: () => (world.abort(), planRun([TAG_MOVE])) });

    expect(await runCli(['plan'], world.context)).toBe(130);
  });

  it('is 130 when the interruption surfaced as an error', async () => {
    const world = fakeWorld({ plan: () => (world.abort(), fail(new TypeError('terminated'))) });

    expect(await runCli(['plan'], world.context)).toBe(130);
    expect(world.stderr()).toContain('interrupted');
    expect(world.stderr()).not.toContain('bug');
  });
});

describe('usage errors', () => {
  it.each<[string, string[]]>([
    ['no command', []],
    ['an unknown command', ['promoet']],
    ['an unknown flag', ['plan', '--nope']],
    ['a missing value', ['plan', '--manifests']],
    ['a value that is no choice', ['plan', '--output', 'xml']],
    ['an argument too many', ['plan', 'app']],
    ['both a tree and a plain manifest', ['plan', '--manifests', 'a', '--manifest', 'b.yaml']],
    ['snapshot without a registry', ['snapshot']],
    ['snapshot of two things', ['snapshot', 'host/a', '--destination', 'host/b']],
    ['an unknown schema', ['schema', 'nope']],
    ['an unknown code', ['explain', 'nope']],
    ['an unknown shell', ['completion', 'csh']],
    ['a plan file that is not there', ['promote', '--plan', '/nowhere/plan.json']],
  ])('%s is 3, told on stderr alone', async (_, argv) => {
    const world = fakeWorld();

    expect(await runCli(argv, world.context)).toBe(3);
    expect(world.stdout()).toBe('');
    expect(world.stderr()).not.toBe('');
  });

  it.each([
    ['schema', 'CLI_UNKNOWN_SCHEMA'],
    ['explain', 'CLI_UNKNOWN_CODE'],
  ])('%s refuses an unknown name with a code of its own', async (command, code) => {
    const world = fakeWorld();

    await runCli([command, 'promograf'], world.context);

    expect(world.stderr()).toContain(`more:  promograph explain ${code}\n`);
  });

  it('names the help of the command whose flag is wrong', async () => {
    const world = fakeWorld();

    await runCli(['verify', '--nope'], world.context);

    expect(world.stderr()).toContain('promograph verify --help');
  });

  it('suggests the command that was meant', async () => {
    const world = fakeWorld();

    await runCli(['promoet'], world.context);

    expect(world.stderr()).toContain('promote');
  });
});

describe('outputs', () => {
  it('says on stderr that a snapshot is empty, since stdout has nothing to show', async () => {
    const world = fakeWorld();

    expect(await runCli(['snapshot', 'prod.example/typo', '--tag', 'v1'], world.context)).toBe(0);
    expect(world.stderr()).toContain('nothing is listed at prod.example/typo with the tag v1');
  });

  it('leaves stdout to one JSON document, whatever else there is to tell', async () => {
    const world = fakeWorld({
      plan: () => planRun([TAG_MOVE], { hostFailures: [DEAD_HOST] }),
      workspace: { findings: [fakeFinding()] },
    });

    await runCli(['plan', '--output', 'json'], world.context);

    expect(JSON.parse(world.stdout())).toMatchObject({ formatVersion: '1.0', summary: { edges: 1, refused: 1 } });
    expect(world.stderr()).toContain('images/app/images.yaml:3:5');
    expect(world.stderr()).toContain('prod.example: connection refused');
    expect(world.stderr()).toMatch(/\n {2}hint: {2}\S.*\n {2}more: {2}promograph explain REGISTRY_UNREACHABLE\n/);
  });

  it('names files so that they can be opened from where the program was started', async () => {
    const answers = {
      plan: () => planRun([TAG_MOVE]),
      workspace: { root: '/work-dir/my/tree', findings: [fakeFinding()] },
    };
    const [planned, validated] = [fakeWorld(answers), fakeWorld(answers)];

    await runCli(['plan'], planned.context);
    await runCli(['validate'], validated.context);

    expect(planned.stdout()).toContain('at my/tree/images/app/images.yaml:3:5');
    expect(planned.stderr()).toMatch(/^my\/tree\/images\/app\/images\.yaml:3:5: error/);
    expect(validated.stdout()).toMatch(/^my\/tree\/images\/app\/images\.yaml:3:5: error/);
  });

  it('leaves present edges out of a plan unless --all is given', async () => {
    const answers = { plan: () => planRun([fakeAction('present')]) };
    const [few, all] = [fakeWorld(answers), fakeWorld(answers)];

    await runCli(['plan', '--output', 'json'], few.context);
    await runCli(['plan', '--output', 'json', '--all'], all.context);

    expect(JSON.parse(few.stdout())).toMatchObject({ projects: [{ actions: [] }] });
    expect(JSON.parse(all.stdout())).toMatchObject({ projects: [{ actions: [{ action: 'present' }] }] });
  });

  it('names the next command with the flags that were given', async () => {
    const world = fakeWorld({ plan: () => planRun([fakeAction('add')]) });

    await runCli(['plan', '--manifests', 'my tree', '--project', 'app'], world.context);

    expect(world.stdout()).toContain("Next: promograph promote --manifests 'my tree' --project app --confirm");
  });

  it('names the tree again where the next command is the same plan', async () => {
    const world = fakeWorld({ plan: () => planRun([fakeAction('unreadable')], { hostFailures: [DEAD_HOST] }) });

    await runCli(['plan', '--manifests', 'tree'], world.context);

    expect(world.stdout()).toContain('\nNext: promograph plan --manifests tree\n');
  });

  it('prints version and help on stdout', async () => {
    const [version, help] = [fakeWorld(), fakeWorld()];

    expect(await runCli(['--version'], version.context)).toBe(0);
    expect(await runCli(['promote', '--help'], help.context)).toBe(0);

    expect(version.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(help.stdout()).toContain('--confirm');
    expect(help.stderr()).toBe('');
  });
});

function promoterError(code: PromoterErrorCode): PromoterError {
  return new PromoterError(code, 'it is so', { hint: 'do this' });
}

function fail(error: Error): never {
  throw error;
}
