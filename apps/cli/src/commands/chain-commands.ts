// SPDX-License-Identifier: Apache-2.0
import { type Command, Option } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { PromoteVerb } from '../run/run-promote.ts';
import { settleTree } from '../tree-flags.ts';
import { addPromoteFlags } from './promote-flags.ts';

const SCOPE = 'run: what this run adds or tags; present: also gate and sign what is at its destinations already';

interface ChainCommand extends PromoteVerb {
  readonly summary: string;
  readonly description: string;
  readonly example: string;
}

const COMMANDS: readonly ChainCommand[] = [
  {
    verb: 'sign',
    through: 'sign',
    summary: 'copy and sign what is missing, then tag it',
    description:
      'Takes each missing digest that passes the gate through copy and signature, and tags it last. Needs `signing` in promograph.yaml.',
    example: 'promograph sign --scope present --confirm   sign what was promoted without a signature',
  },
  {
    verb: 'attest',
    through: 'attest',
    summary: 'copy, sign and attest what is missing, then tag it',
    description:
      'Takes each missing digest that passes the gate through copy, signature and attestations, and tags it last. Needs `signing` in promograph.yaml.',
    example: 'promograph attest --project app --confirm   the whole chain for one project',
  },
  {
    verb: 'run',
    through: 'attest',
    summary: 'all stages: copy, sign, attest, tag',
    description: 'All stages of the chain, as attest does them.',
    example: 'promograph run --confirm                    what a promotion job calls',
  },
];

/** `promograph sign`, `attest` and `run`: promotions that go further than copies and tags. */
export function addChainCommands(program: Command, run: CommandRun): void {
  for (const { summary, description, example, ...verb } of COMMANDS) {
    addPromoteFlags(program.command(verb.verb))
      .summary(summary)
      .description(`${description} Without --confirm it is a dry run.`)
      .addOption(new Option('--scope <scope>', SCOPE).choices(['run', 'present'] as const).default('run' as const))
      .addHelpText('after', `\nExample:\n  ${example}`)
      .action(async (flags, command) => {
        const { runPromote } = await import('../run/run-promote.ts');
        run.finish(exitCodeOf(await runPromote(run.context, settleTree(flags, command), verb)));
      });
  }
}
