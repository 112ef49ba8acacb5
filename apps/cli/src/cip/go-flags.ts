// SPDX-License-Identifier: Apache-2.0

/** Values that Go's strconv.ParseBool takes. */
const GO_TRUE: readonly string[] = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const GO_FALSE: readonly string[] = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** The boolean that Go reads from `text`, or null when it reads none. */
export function parseGoBoolean(text: string): boolean | null {
  if (GO_TRUE.includes(text)) return true;
  return GO_FALSE.includes(text) ? false : null;
}

/**
 * Gives bare boolean flags the value that Go gives them: `--confirm` becomes `--confirm=true`, and a word behind it stays
 * a word of its own, as in `--confirm false`. Everything behind `--` is left alone.
 */
export function expandGoBooleans(argv: readonly string[], booleanFlags: ReadonlySet<string>): string[] {
  const end = argv.indexOf('--');
  return argv.map((argument, index) => {
    const isFlag = end < 0 || index < end;
    return isFlag && booleanFlags.has(argument) ? `${argument}=true` : argument;
  });
}
