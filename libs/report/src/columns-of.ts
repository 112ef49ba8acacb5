// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';

const PLAIN = /^[\x20-\x7e]*$/;
let stringWidth: ((text: string) => number) | null = null;

/**
 * Columns that a text takes on a terminal. Nearly all are plain ASCII: segmenting those costs a hundred times as much, and
 * what segments takes 30 ms to load, which is a third of a short command.
 */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  stringWidth ??= (createRequire(import.meta.url)('string-width') as { readonly default: (text: string) => number })
    .default;
  return stringWidth(text);
}
