// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { environmentName } from './environment-flags.ts';
import { fakeAction, fakeWorld, planRun } from './fake-context.testing.ts';
import { createProgram } from './program.ts';
import { runCli } from './run-cli.ts';

describe('environment variables', () => {
  it('stand for flags that are not given', async () => {
    const world = fakeWorld(
      {},
      {
        PROMOGRAPH_MANIFESTS: 'tree',
        PROMOGRAPH_PROJECT: 'app, web',
        PROMOGRAPH_SINCE: 'main',
        PROMOGRAPH_STATE_DIR: 'state',
        PROMOGRAPH_CONFIG: 'c.yaml',
        PROMOGRAPH_BASELINE: 'b.yaml',
      },
    );

    await runCli(['plan'], world.context);

    expect(world.sessions[0]).toMatchObject({
      treeDir: 'tree',
      projects: ['app', 'web'],
      since: 'main',
      stateDir: 'state',
      configFile: 'c.yaml',
      baselineFile: 'b.yaml',
    });
  });

  it('lose against the flag', async () => {
    const world = fakeWorld({}, { PROMOGRAPH_MANIFESTS: 'from-env', PROMOGRAPH_PROJECT: 'from-env' });

    await runCli(['plan', '--manifests', 'from-flag', '--project', 'from-flag'], world.context);

    expect(world.sessions[0]).toMatchObject({ treeDir: 'from-flag', projects: ['from-flag'] });
  });

  it('lose even where they name the other kind of tree', async () => {
    const world = fakeWorld({}, { PROMOGRAPH_MANIFESTS: 'from-env' });

    expect(await runCli(['plan', '--manifest', 'plain.yaml'], world.context)).toBe(0);

    expect(world.sessions[0]).toMatchObject({ manifestFile: 'plain.yaml' });
    expect(world.sessions[0]).not.toHaveProperty('treeDir');
  });

  it('count as unset when they are empty', async () => {
    const world = fakeWorld({}, { PROMOGRAPH_MANIFESTS: '', PROMOGRAPH_CONFIRM: '' });

    expect(await runCli(['promote'], world.context)).toBe(0);

    expect(world.sessions[0]).not.toHaveProperty('treeDir');
    expect(world.promotions).toMatchObject([{ confirm: false }]);
  });

  it.each([
    ['true', true],
    ['1', true],
    ['yes', true],
    ['false', false],
    ['0', false],
    ['no', false],
  ])('PROMOGRAPH_CONFIRM=%s confirms: %s', async (value, expected) => {
    const world = fakeWorld({}, { PROMOGRAPH_CONFIRM: value });

    await runCli(['promote'], world.context);

    expect(world.promotions).toMatchObject([{ confirm: expected }]);
  });

  it.each([
    ['PROMOGRAPH_CONFIRM', 'perhaps', 'promote'],
    ['PROMOGRAPH_OUTPUT', 'xml', 'plan'],
    ['PROMOGRAPH_OUTPUT', 'markdown', 'snapshot'],
  ])('%s=%s is a usage error that names the variable', async (name, value, command) => {
    const world = fakeWorld({}, { [name]: value });

    expect(await runCli([command], world.context)).toBe(3);
    expect(world.stderr()).toContain(`${name}=${value}`);
    expect(world.sessions).toEqual([]);
  });

  it('choose the output as the flag does', async () => {
    const world = fakeWorld({ plan: () => planRun([fakeAction('add')]) }, { PROMOGRAPH_OUTPUT: 'json' });

    await runCli(['plan'], world.context);

    expect(JSON.parse(world.stdout())).toHaveProperty('formatVersion');
  });

  it('never reach cip, whose flags belong to an older tool', async () => {
    const world = fakeWorld(
      {},
      { PROMOGRAPH_CONFIRM: 'true', PROMOGRAPH_MANIFEST: 'env.yaml', PROMOGRAPH_OUTPUT: 'json' },
    );

    expect(await runCli(['cip', '--thin-manifest-dir', 'tree'], world.context)).toBe(0);

    expect(world.sessions[0]).toMatchObject({ treeDir: 'tree' });
    expect(world.promotions).toEqual([]);
  });

  it('have one name for each flag of the program', () => {
    const { context } = fakeWorld();
    const program = createProgram({
      run: { context, finish: () => undefined },
      version: '0.0.0',
      writeOut: () => undefined,
      writeErr: () => undefined,
    });
    const flags = program.commands.flatMap((command) => command.options.map((option) => option.long ?? ''));

    expect(flags.map(environmentName).filter((name) => !/^PROMOGRAPH_[A-Z]+(?:_[A-Z]+)*$/.test(name))).toEqual([]);
  });
});
