// SPDX-License-Identifier: Apache-2.0
import { printable } from './printable.ts';

/**
 * A name as a code span that fits into a table cell. Code spans keep names from being links, mentions, issue references
 * or HTML; the fence is longer than any run of backticks inside.
 */
export function codeSpan(text: string): string {
  const content = printable(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = content === '' || /^[ `]|[ `]$/.test(content) ? ' ' : '';
  return `${fence}${pad}${content}${pad}${fence}`;
}

/** A sentence with text from outside in it: nothing in it is Markdown, HTML, a mention, a reference or a link. */
export function prose(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]|~$]/g, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[@#]|:(?=\/\/)|www(?=\.)/gi, '$&<!-- -->');
}

/** Text inside an HTML element, where Markdown is not read. */
export function html(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A table row of cells that are Markdown already. */
export function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** A conclusion without the word that says what it concludes: the heading above has said it. */
export function sentence(conclusion: string): string {
  const text = conclusion.slice(conclusion.indexOf(': ') + 2);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
