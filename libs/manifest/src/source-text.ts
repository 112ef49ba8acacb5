// SPDX-License-Identifier: Apache-2.0
import type { Position } from './position.ts';
import { printableText } from './printable-text.ts';

/** The text of one file, and where its offsets are. Columns count UTF-16 units from 1, as editors do. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  #lineStarts: readonly number[] | null = null;

  /** `file` is relative to the tree root, with `/`; it is made printable, as it may come from a hostile tree. */
  constructor(file: string, text: string) {
    this.file = printableText(file);
    this.text = text;
  }

  /** Line and column of `offset`; offsets beyond the end give the end. */
  position(offset: number): Position {
    const starts = (this.#lineStarts ??= lineStartsOf(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const column = Math.min(offset, this.text.length) - (starts[low] ?? 0) + 1;
    return { file: this.file, line: low + 1, column };
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
