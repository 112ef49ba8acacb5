// SPDX-License-Identifier: Apache-2.0
import { isMap, isSeq, type ParsedNode } from 'yaml';
import { type Field, isNull, type NodeReader, offsetOf, textOf } from './node-reader.ts';

/** A value as JSON would hold it. */
export type PlainValue =
  string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };

const NUMBER = /^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;

/**
 * The value of a node under the YAML core schema: quoted text is text, `true`, `1` and the like are not. Keys without a
 * value are left out, as in a section whose lines are all commented out. Duplicate keys are noted.
 */
export function plainValueOf(reader: NodeReader, node: ParsedNode | null): PlainValue {
  if (isNull(node)) return null;
  if (isSeq(node)) return (node.items as (ParsedNode | null)[]).map((item) => plainValueOf(reader, item));
  if (isMap(node)) {
    const fields = reader.pairs(node, offsetOf(node, 0), 'this section') ?? [];
    const present = fields.filter(({ value }) => !isNull(value));
    return Object.fromEntries(present.map(({ key, value }) => [key.text, plainValueOf(reader, value)]));
  }
  const scalar = textOf(node);
  return scalar === null ? null : scalar.isPlain ? resolvePlain(scalar.text) : scalar.text;
}

function resolvePlain(text: string): PlainValue {
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  return NUMBER.test(text) ? Number(text) : text;
}

/** Where the value at `path` stands: the deepest part of the path that is in the document. */
export interface LocatedValue {
  readonly offset: number;
  /** Place of the key that leads there, or of the value where it is in a list. */
  readonly keyOffset: number;
  readonly text: string;
}

/** Finds the place of a path of keys and indexes. */
export function locateValue(root: ParsedNode | null, path: readonly PropertyKey[]): LocatedValue {
  let node = root;
  let keyOffset = offsetOf(root, 0);
  for (const step of path) {
    const next = stepInto(node, step);
    if (next === null) break;
    keyOffset = next.keyOffset;
    node = next.node;
  }
  return { offset: offsetOf(node, keyOffset), keyOffset, text: textOf(node)?.text ?? '' };
}

function stepInto(node: ParsedNode | null, step: PropertyKey): { node: ParsedNode | null; keyOffset: number } | null {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step] ?? null;
    return { node: item, keyOffset: offsetOf(item, node.range[0]) };
  }
  if (!isMap(node)) return null;
  const pair = (node.items as { key: ParsedNode; value: ParsedNode | null }[]).find(
    ({ key }) => textOf(key)?.text === step,
  );
  return pair === undefined ? null : { node: pair.value, keyOffset: offsetOf(pair.key, 0) };
}

/** A field of the document's root mapping, if it is one. */
export function rootField(root: ParsedNode | null, name: string): Field | undefined {
  if (!isMap(root)) return undefined;
  const pairs = root.items as { key: ParsedNode; value: ParsedNode | null }[];
  for (const { key, value } of pairs) {
    const text = textOf(key);
    if (text?.text === name) return { key: text, value };
  }
  return undefined;
}
