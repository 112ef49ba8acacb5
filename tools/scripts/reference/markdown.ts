// SPDX-License-Identifier: Apache-2.0

/** First line of every generated page. */
export const GENERATED_NOTE = '<!-- Generated from the code by tools/scripts/generate-reference.ts; do not edit. -->';

/** Rows of cells under a head; `|` inside cells is escaped, line ends become spaces. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text as code. */
export function code(text: string): string {
  return `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
