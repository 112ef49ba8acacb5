// SPDX-License-Identifier: Apache-2.0
import { FINDING_CODES } from '@promograph/manifest';
import { RegistryError } from '@promograph/registry';
import { SigningError } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import { fakeWorld } from '../fake-context.testing.ts';
import { runCli } from '../run-cli.ts';
import { ERROR_CODES } from './error-catalogue.ts';
import { errorText } from './error-text.ts';

describe('errorText', () => {
  it('says what, why, what to do and where to read more', () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:5000', { cause: new Error('ECONNREFUSED') });
    const error = new RegistryError('REGISTRY_UNREACHABLE', 'cannot connect', { cause, hint: 'Check the host.' });

    expect(errorText(error, false)).toBe(
      'promograph: cannot connect\n' +
        '  cause: connect ECONNREFUSED 127.0.0.1:5000\n' +
        '  hint:  Check the host.\n' +
        '  more:  promograph explain REGISTRY_UNREACHABLE\n',
    );
  });

  it('has a hint for an error that brings none', () => {
    const error = new SigningError('SIGNING_IDENTITY', 'the identity token is for a, the configured signer is b');

    expect(errorText(error, false)).toContain('  hint:  Compare both in the message. In GitHub Actions');
  });

  it('survives what is no error', () => {
    expect(errorText('just text', true)).toContain('promograph: just text');
  });
});

describe('explain', () => {
  it.each([...Object.keys(ERROR_CODES), ...Object.keys(FINDING_CODES), 'tag-move', 'lost'])(
    'knows %s',
    async (code) => {
      const world = fakeWorld();

      expect(await runCli(['explain', code.toLowerCase()], world.context)).toBe(0);
      expect(world.stdout()).toMatch(/^\S+: .+\n\nWhy: .+\nWhat to do: .+\nEffect: .+\n$/);
    },
  );

  it('lists every code once without one', async () => {
    const world = fakeWorld();

    await runCli(['explain'], world.context);

    const codes = world
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => line.split(':')[0]);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).toContain('REGISTRY_UNAUTHORIZED');
    expect(codes).toContain('invalid-digest');
  });

  it('tells both effects of a code that is a finding and a reason', async () => {
    const world = fakeWorld();

    await runCli(['explain', 'overlap'], world.context);

    expect(world.stdout()).toMatch(/exit code 3.*exit code 4/);
  });
});
