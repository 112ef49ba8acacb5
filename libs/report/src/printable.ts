// SPDX-License-Identifier: Apache-2.0

/**
 * Text from outside made fit for a terminal: control, format and unassigned characters, line separators and lone
 * surrogates (escape sequences, bidirectional overrides, invisible characters) become `\u{hex}`.
 */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The algorithm and the first 12 digits of a digest: enough to compare by eye, never enough to refuse something by. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(':');
  return printable(digest.slice(0, colon + 1 + 12));
}

/** An argument of a command that people copy into a shell. */
export function shellWord(text: string): string {
  const word = printable(text);
  return /^[A-Za-z0-9_./:@=+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
