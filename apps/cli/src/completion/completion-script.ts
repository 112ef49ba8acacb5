// SPDX-License-Identifier: Apache-2.0
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { bashCompletion } from './bash-completion.ts';
import { type ArgumentWords, completionModel } from './completion-model.ts';
import { fishCompletion } from './fish-completion.ts';
import { zshCompletion } from './zsh-completion.ts';

/** Shells that there is a completion for. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** A static completion script made from the command tree: it works offline and starts no program. */
export function completionScript(program: CommandUnknownOpts, shell: Shell, words: ArgumentWords = {}): string {
  const entries = completionModel(program, words);
  if (shell === 'bash') return bashCompletion(entries);
  return shell === 'zsh' ? zshCompletion(entries) : fishCompletion(entries);
}
