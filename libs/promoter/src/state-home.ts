// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

/** Where this user's state lies that outlives a run: `$XDG_STATE_HOME/promograph`, else `~/.local/state/promograph`. */
export function stateHome({
  env,
  homeDir,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
}): string {
  return join(env['XDG_STATE_HOME'] || join(homeDir, '.local', 'state'), 'promograph');
}
