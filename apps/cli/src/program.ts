// SPDX-License-Identifier: Apache-2.0
import { Command, Help, type Option } from '@commander-js/extra-typings';
import { addCipCommand } from './cip/cip-command.ts';
import type { CommandRun } from './command-run.ts';
import { addChainCommands } from './commands/chain-commands.ts';
import { addCompletionCommand } from './commands/completion-command.ts';
import { addExplainCommand } from './commands/explain-command.ts';
import { addPlanCommand } from './commands/plan-command.ts';
import { addPromoteCommand } from './commands/promote-command.ts';
import { addReplicateCommand } from './commands/replicate-command.ts';
import { addSchemaCommand } from './commands/schema-command.ts';
import { addSnapshotCommand } from './commands/snapshot-command.ts';
import { addValidateCommand } from './commands/validate-command.ts';
import { addVerifyCommand } from './commands/verify-command.ts';
import { applyEnvironment } from './environment-flags.ts';
import { EXIT_CODE_MEANINGS } from './exit-code.ts';

/** What the command tree is built with. */
export interface ProgramOptions {
  readonly run: CommandRun;
  readonly version: string;
  /** Where help asked for goes, and where complaints go. */
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** The whole command tree. Parsing throws `CommanderError` instead of ending the process. */
export function createProgram(options: ProgramOptions): Command {
  const program = new Command('promograph')
    .description('Promotes container images from staging registries to production, as reviewed YAML says.')
    .version(options.version, '-V, --version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(promograph --help tells what there is)')
    .configureHelp({ optionDescription })
    .configureOutput({ writeOut: options.writeOut, writeErr: options.writeErr })
    .addHelpText('after', footer());
  addPlanCommand(program, options.run);
  addValidateCommand(program, options.run);
  addPromoteCommand(program, options.run);
  addChainCommands(program, options.run);
  addVerifyCommand(program, options.run);
  addReplicateCommand(program, options.run);
  addSnapshotCommand(program, options.run);
  addSchemaCommand(program, options.run);
  addExplainCommand(program, options.run);
  addCompletionCommand(program, options.run);
  addCipCommand(program, options.run);
  for (const command of program.commands) {
    command.showHelpAfterError(`(promograph ${command.name()} --help tells what there is)`);
  }
  // The flags of cip are those of an older tool: a variable meant for ours must not change what they say.
  program.hook('preAction', (_, command) => {
    const isCip = command.name() === 'cip' || command.parent?.name() === 'cip';
    if (!isCip) applyEnvironment(command, options.run.context.env);
  });
  return program;
}

/** An empty default says nothing, and what a flag alone stands for is in its description. */
function optionDescription(option: Option): string {
  return new Help().optionDescription(option).replace(/ \((?:default: (?:""|\[\])|preset: "[^"]*")\)/g, '');
}

function footer(): string {
  const codes = EXIT_CODE_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`);
  return [
    '',
    'Examples:',
    '  promograph plan                          what is missing, for the tree around this directory',
    '  promograph promote --project app         dry run of one project',
    '  promograph promote --project app --confirm',
    '  promograph run --confirm                 copy, sign, attest, then tag',
    '  promograph verify                        is everything promoted, signed and recorded?',
    '  promograph plan --output json > plan.json && promograph promote --plan plan.json --confirm',
    '',
    'Every flag is also an environment variable: --state-dir is PROMOGRAPH_STATE_DIR. The flag wins.',
    '',
    'Exit codes:',
    ...codes,
  ].join('\n');
}
