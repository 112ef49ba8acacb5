// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fakeWorld } from '../fake-context.testing.ts';
import { createProgram } from '../program.ts';
import { runCli } from '../run-cli.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

async function scriptFor(shell: string): Promise<string> {
  const world = fakeWorld();
  expect(await runCli(['completion', shell], world.context)).toBe(0);
  return world.stdout();
}

describe.each(SHELLS)('completion for %s', (shell) => {
  it('holds every command and every flag that help shows', async () => {
    const script = await scriptFor(shell);
    const { context } = fakeWorld();
    const silent = { writeOut: () => undefined, writeErr: () => undefined };
    const program = createProgram({ run: { context, finish: () => undefined }, version: '0.0.0', ...silent });

    for (const command of program.commands) {
      expect(script).toContain(command.name());
      for (const { long } of program.createHelp().visibleOptions(command)) {
        expect(script).toContain(shell === 'fish' ? ` -l ${long?.slice(2)} ` : long);
      }
    }
  });

  it('leaves hidden flags out, and knows codes and schemas', async () => {
    const script = await scriptFor(shell);

    expect(script).not.toContain('max-image-size');
    expect(script).toContain('REGISTRY_UNAUTHORIZED');
    expect(script).toContain('promoter-manifest');
  });
});

describe('completion in bash itself', () => {
  it.each<[string, string[], string[]]>([
    ['commands', ['promograph', 'pro'], ['promote']],
    ['flags', ['promograph', 'plan', '--det'], ['--detailed-exitcode']],
    ['choices', ['promograph', 'plan', '--output', 'm'], ['markdown']],
    ['shells', ['promograph', 'completion', 'z'], ['zsh']],
    ['codes', ['promograph', 'explain', 'tag-'], ['tag-move']],
    ['nothing after the value of a free flag', ['promograph', 'plan', '--since', ''], []],
  ])('offers %s', async (_, words, expected) => {
    const script = await scriptFor('bash');
    const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
    const print = '_promograph; printf "%s\\n" "${COMPREPLY[@]}"';

    const offered = execFileSync('bash', ['--norc', '-c', `${script}\n${line}\n${print}`], { encoding: 'utf8' });

    expect(offered.split('\n').filter((word) => word !== '')).toEqual(expected);
  });
});
