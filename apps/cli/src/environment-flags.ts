// SPDX-License-Identifier: Apache-2.0
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { errorMessage } from '@promograph/errors';
import { CliError } from './cli-error.ts';

const TRUE = /^(?:1|true|yes|on)$/i;
const FALSE = /^(?:0|false|no|off)$/i;

/** The environment variable that stands for a flag: `--state-dir` is `PROMOGRAPH_STATE_DIR`. */
export function environmentName(flag: string): string {
  return `PROMOGRAPH_${flag.replace(/^--/, '').replaceAll('-', '_').toUpperCase()}`;
}

/**
 * Fills the options of a parsed command from `PROMOGRAPH_<FLAG>` where the command line left them out. Empty variables
 * count as unset, lists are separated by commas, flags without a value take true or false: commander itself would read
 * `PROMOGRAPH_CONFIRM=false` as consent. Error: `CLI_USAGE`.
 */
export function applyEnvironment(command: CommandUnknownOpts, env: Readonly<Record<string, string | undefined>>): void {
  for (const option of command.options) {
    if (option.long === undefined || option.long === null || option.long === '--version') continue;
    const key = option.attributeName();
    if (command.getOptionValueSource(key) === 'cli') continue;
    const name = environmentName(option.long);
    const text = env[name];
    if (text === undefined || text === '') continue;
    command.setOptionValueWithSource(key, valueOf(option, name, text), 'env');
  }
}

function valueOf(option: Option, name: string, text: string): unknown {
  if (option.isBoolean()) return booleanOf(name, text);
  const parse = option.parseArg;
  if (!parse) return text;
  const parts = Array.isArray(option.defaultValue) ? text.split(',').map((part) => part.trim()) : [text];
  try {
    return parts.reduce<unknown>((previous, part) => parse(part, previous as never), option.defaultValue);
  } catch (error) {
    throw new CliError('CLI_USAGE', `environment variable ${name}=${text} is invalid: ${errorMessage(error)}`);
  }
}

function booleanOf(name: string, text: string): boolean {
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  throw new CliError('CLI_USAGE', `environment variable ${name}=${text} is invalid: it takes true or false`);
}
