// SPDX-License-Identifier: Apache-2.0
import stringWidth from 'string-width';

const PLAIN = /^[\x20-\x7e]*$/;

/** Columns that a text takes on a terminal. Nearly all are plain ASCII, and segmenting those costs a hundred times as much. */
export function columnsOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}
