// SPDX-License-Identifier: Apache-2.0
import { type Field, isNull, type NodeReader, textOf } from './node-reader.ts';

/** A text and where it stands. */
export interface PlacedText {
  readonly text: string;
  readonly offset: number;
}

/** Reads a list of texts; absent is empty, `null` entries are blank texts, other shapes are noted and left out. */
export function readTexts(reader: NodeReader, field: Field | undefined, what: string): PlacedText[] {
  if (field === undefined) return [];
  const texts: PlacedText[] = [];
  for (const item of reader.items(field.value, field.key.offset, what) ?? []) {
    const scalar = textOf(item);
    if (scalar === null) reader.wrongType(item, field.key.offset, `an entry of ${what} must be text`);
    else texts.push({ text: isNull(item) ? '' : scalar.text, offset: scalar.offset });
  }
  return texts;
}
