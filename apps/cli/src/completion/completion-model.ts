// SPDX-License-Identifier: Apache-2.0
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';

/** What a shell may offer behind a flag or as an argument: fixed words, paths, or nothing it can know. */
export type CompletionValue =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'directory' }
  | { readonly kind: 'other' };

/** A flag as a shell sees it; `value` is null when it takes none. */
export interface CompletionFlag {
  readonly names: readonly string[];
  readonly description: string;
  readonly value: CompletionValue | null;
}

/** A command as a shell sees it. */
export interface CompletionEntry {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly CompletionFlag[];
  /** What the first argument may be, or null when the command takes none. */
  readonly argument: CompletionValue | null;
}

/** Words for the first argument of commands, where the command tree does not know them. */
export type ArgumentWords = Readonly<Record<string, readonly string[]>>;

/** The command tree for shells: visible commands with their visible flags, in the order of the help. */
export function completionModel(program: CommandUnknownOpts, words: ArgumentWords): readonly CompletionEntry[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => {
    const argument = command.registeredArguments[0];
    return {
      name: command.name(),
      description: command.summary() || command.description(),
      flags: help.visibleOptions(command).map(flagOf),
      argument: argument === undefined ? null : valueOf(argument.name(), argument.argChoices ?? words[command.name()]),
    };
  });
}

function flagOf(option: Option): CompletionFlag {
  const placeholder = /<([^>]+)>/.exec(option.flags)?.[1];
  // Bare boolean flags of cip are expanded before parsing: a word behind one is not its value.
  const takesValue = placeholder !== undefined && placeholder !== 'bool';
  return {
    names: [option.long, option.short].filter((name): name is string => typeof name === 'string'),
    description: option.description,
    value: takesValue ? valueOf(placeholder, option.argChoices) : null,
  };
}

function valueOf(placeholder: string, choices: readonly string[] | undefined): CompletionValue {
  if (choices !== undefined) return { kind: 'words', words: choices };
  if (placeholder === 'file') return { kind: 'file' };
  return { kind: placeholder === 'dir' ? 'directory' : 'other' };
}
