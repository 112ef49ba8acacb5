// SPDX-License-Identifier: Apache-2.0
import type { CompletionEntry, CompletionFlag, CompletionValue } from './completion-model.ts';

/** Completion for bash 3.2 and later; install with `source <(promograph completion bash)`. */
export function bashCompletion(entries: readonly CompletionEntry[]): string {
  const names = entries.map(({ name }) => name).join(' ');
  return `# bash completion for promograph; load it with: source <(promograph completion bash)
_promograph() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" command="\${COMP_WORDS[1]:-}"
  [ "$COMP_CWORD" -gt 0 ] && previous="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${names} --help --version' -- "$current"))
    return
  fi
  case "$command" in
${entries.map(commandCase).join('\n')}
  esac
}
complete -F _promograph promograph
`;
}

function commandCase({ name, flags, argument }: CompletionEntry): string {
  const words = flags.flatMap((flag) => flag.names).join(' ');
  const values = flags.filter((flag) => flag.value !== null).map(valueCase);
  const offered = argument === null ? '' : `\n      ${reply(argument)}`;
  return `    ${name})
      case "$previous" in
${values.join('\n')}
      esac
      if [ "\${current#-}" != "$current" ]; then
        COMPREPLY=($(compgen -W '${words}' -- "$current"))
        return
      fi${offered}
      ;;`.replace('      case "$previous" in\n\n      esac\n', '');
}

function valueCase(flag: CompletionFlag): string {
  return `        ${flag.names.join('|')}) ${flag.value === null ? ':' : reply(flag.value)}; return ;;`;
}

function reply(value: CompletionValue): string {
  switch (value.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W '${value.words.join(' ')}' -- "$current"))`;
    case 'file':
      return 'COMPREPLY=($(compgen -f -- "$current"))';
    case 'directory':
      return 'COMPREPLY=($(compgen -d -- "$current"))';
    case 'other':
      return ':';
  }
}
