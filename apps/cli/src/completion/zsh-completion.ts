// SPDX-License-Identifier: Apache-2.0
import type { CompletionEntry, CompletionFlag, CompletionValue } from './completion-model.ts';

/** Completion for zsh; put it as `_promograph` into a directory of `fpath`. */
export function zshCompletion(entries: readonly CompletionEntry[]): string {
  const commands = entries.map(({ name, description }) => `    ${quote(`${name}:${description}`)}`);
  return `#compdef promograph
# zsh completion for promograph; load it with: source <(promograph completion zsh)
_promograph() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.join('\n')}
  )
  _arguments -C '(- *)'{-h,--help}'[show help]' '(- *)'{-V,--version}'[print the version]' '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands 'promograph command' commands ;;
    rest)
      case $line[1] in
${entries.map(commandCase).join('\n')}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _promograph ]; then _promograph "$@"; else compdef _promograph promograph; fi
`;
}

function commandCase({ name, flags, argument }: CompletionEntry): string {
  const specs = flags.flatMap(flagSpecs);
  if (argument !== null) specs.push(quote(`1: :${action(argument)}`));
  return `        ${name}) _arguments ${specs.join(' ')} ;;`;
}

/** One specification per name: brace expansion would not survive the quoting. */
function flagSpecs({ names, description, value }: CompletionFlag): string[] {
  const explained = `[${description.replaceAll(/[[\]\\:]/g, '\\$&')}]`;
  const suffix = value === null ? '' : `: :${action(value)}`;
  return names.map((name) =>
    quote(`*${name}${value !== null && name.startsWith('--') ? '=' : ''}${explained}${suffix}`),
  );
}

function action(value: CompletionValue): string {
  switch (value.kind) {
    case 'words':
      return `(${value.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'other':
      return ' ';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
