// SPDX-License-Identifier: Apache-2.0
import { createProgram, environmentName, EXIT_CODE_MEANINGS } from 'promograph/reference';
import { code, GENERATED_NOTE, table } from './markdown.ts';

type Program = ReturnType<typeof createProgram>;
type Command = Program['commands'][number];
type Option = Command['options'][number];

const INTRODUCTION = `Results go to stdout, everything else to stderr; \`--output json\` leaves stdout pure. The program never prompts.

Every flag except those of \`cip\` is also an environment variable; the flag wins, then the variable, then the file, then
the default. Lists in variables are separated by commas, flags without a value take \`true\` or \`false\`.`;

/** The page of the command line: verbs, flags, variables and exit codes. */
export function cliPage(): string {
  const program = describeProgram();
  return [
    GENERATED_NOTE,
    '# Command line',
    INTRODUCTION,
    table(
      ['Verb', 'What it does'],
      program.commands.map((command) => [`[${command.name()}](#${command.name()})`, command.summary()]),
    ),
    ...program.commands.map((command) => commandSection(command)),
    '## Exit codes',
    'Where several apply, the first of 130, 1, 3, 4, 6, 5, 2 wins. `cip` answers 0 and 1 only, and 3 where something that signing needs is not configured.',
    table(
      ['Code', 'Meaning'],
      EXIT_CODE_MEANINGS.map(([exitCode, meaning]) => [String(exitCode), meaning]),
    ),
  ].join('\n\n');
}

/** The command tree itself; no command of it is run. */
function describeProgram(): Program {
  const ignore = (): void => undefined;
  const finish = (): never => {
    throw new Error('a reference page runs no command');
  };
  // Actions are never called, so that nothing of the context is touched.
  const context = {} as Parameters<typeof createProgram>[0]['run']['context'];
  return createProgram({ run: { context, finish }, version: '', writeOut: ignore, writeErr: ignore });
}

/** The page of one verb; `parent` is the verb that it stands below. */
function commandSection(command: Command, parent?: Command): string {
  const name = parent === undefined ? command.name() : `${parent.name()} ${command.name()}`;
  const visible = command.options.filter(({ hidden }) => !hidden);
  const hasVariables = (parent ?? command).name() !== 'cip';
  const head = ['Flag', ...(hasVariables ? ['Variable'] : []), 'What it does', 'Default'];
  const rows = visible.map((option) => [
    code(option.flags),
    ...(hasVariables ? [code(environmentName(option.long ?? ''))] : []),
    meaningOf(option),
    defaultOf(option),
  ]);
  const places = command.registeredArguments.map((argument) => {
    const choices = argument.argChoices === undefined ? '' : ` (${argument.argChoices.join(', ')})`;
    const name = code(argument.required ? `<${argument.name()}>` : `[${argument.name()}]`);
    return `- ${name}: ${argument.description}${choices}`;
  });
  return [
    `${parent === undefined ? '##' : '###'} ${name}`,
    `\`\`\`text\npromograph ${name} ${command.usage()}\n\`\`\``,
    command.description(),
    ...(places.length > 0 ? [places.join('\n')] : []),
    ...(rows.length > 0 ? [table(head, rows)] : []),
    ...command.commands.map((below) => commandSection(below, command)),
  ].join('\n\n');
}

function meaningOf({ description, argChoices }: Option): string {
  return argChoices === undefined ? description : `${description}: ${argChoices.map(code).join(', ')}`;
}

function defaultOf({ defaultValue }: Option): string {
  if (defaultValue === undefined || defaultValue === '' || (Array.isArray(defaultValue) && defaultValue.length === 0)) {
    return '';
  }
  return code(String(defaultValue));
}
