// SPDX-License-Identifier: Apache-2.0
import type { CompletionEntry, CompletionFlag, CompletionValue } from './completion-model.ts';

/** Completion for fish 3 and later; load it with `promograph completion fish | source`. */
export function fishCompletion(entries: readonly CompletionEntry[]): string {
  const lines = [
    '# fish completion for promograph; load it with: promograph completion fish | source',
    'complete -c promograph -f',
    'complete -c promograph -n __fish_use_subcommand -s h -l help -d ' + quote('show help'),
    'complete -c promograph -n __fish_use_subcommand -s V -l version -d ' + quote('print the version'),
  ];
  for (const entry of entries) {
    lines.push(`complete -c promograph -n __fish_use_subcommand -a ${entry.name} -d ${quote(entry.description)}`);
    const seen = `-n ${quote(`__fish_seen_subcommand_from ${entry.name}`)}`;
    lines.push(...entry.flags.map((flag) => `complete -c promograph ${seen} ${flagWords(flag)}`));
    if (entry.argument !== null) lines.push(`complete -c promograph ${seen}${valueWords(entry.argument)}`);
  }
  return `${lines.join('\n')}\n`;
}

function flagWords({ names, description, value }: CompletionFlag): string {
  const written = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  // -x wants a value and keeps fish from offering files for it; -r leaves them.
  const offered = value === null ? '' : ` ${value.kind === 'file' ? '-r' : '-x'}${valueWords(value)}`;
  return `${written.join(' ')} -d ${quote(description)}${offered}`;
}

function valueWords(value: CompletionValue): string {
  switch (value.kind) {
    case 'words':
      return ` -a ${quote(value.words.join(' '))}`;
    case 'file':
      return ' -F';
    case 'directory':
      return ` -a ${quote('(__fish_complete_directories)')}`;
    case 'other':
      return '';
  }
}

/** fish escapes inside single quotes with a backslash. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
