// SPDX-License-Identifier: Apache-2.0

const MAX_SHOWN = 256;

/**
 * Text of an untrusted file made fit for a terminal and a report: control, format and unassigned characters (escape
 * sequences, bidirectional overrides) become `\u{hex}`, and more than 256 characters are cut with `…`.
 */
export function printableText(text: string): string {
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
