// SPDX-License-Identifier: Apache-2.0
import { errorMessage, isPromographError } from '@promograph/errors';
import { outcomeOfError, remedyOfCode } from './error-catalogue.ts';

const MAX_CAUSES = 4;

/**
 * One message per problem, for people: what, why, what to do (the error's own hint, else the remedy of its code), where to
 * read more. Errors that nobody foresaw say that they are a bug; their stack is shown only when `isVerbose`.
 */
export function errorText(error: unknown, isVerbose: boolean): string {
  const isBug = outcomeOfError(error) === 'bug';
  const lines = [`promograph: ${errorMessage(error)}`, ...causesOf(error).map((cause) => `  cause: ${cause}`)];
  const hint = isPromographError(error) ? (error.hint ?? remedyOfCode(error.code)) : null;
  if (hint !== null) lines.push(`  hint:  ${hint}`);
  if (isPromographError(error) && !isBug) lines.push(`  more:  promograph explain ${error.code}`);
  if (isBug) {
    lines.push('  this is a bug in promograph: please report it' + (isVerbose ? '' : ' with the output of --verbose'));
    if (isVerbose && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  }
  return `${lines.join('\n')}\n`;
}

/** The messages below an error, each once, as long as they say something new. */
function causesOf(error: unknown): readonly string[] {
  const told = new Set([errorMessage(error)]);
  const causes: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && causes.length < MAX_CAUSES) {
    const message = errorMessage(cause);
    if (![...told].some((text) => text.includes(message))) causes.push(message);
    told.add(message);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}
