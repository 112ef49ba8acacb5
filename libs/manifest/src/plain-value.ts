// SPDX-License-Identifier: Apache-2.0
import type { YamlNode } from './yaml-node.ts';
import { type Field, isNull, type NodeReader, offsetOf, textOf } from './node-reader.ts';

/** A value as JSON would hold it. */
export type PlainValue =
  string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };

const NUMBER = /^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;

/**
 * The value of a node under the YAML core schema: quoted text is text, `true`, `1` and the like are not. Keys without a
 * value are left out, as in a section whose lines are all commented out. Duplicate keys are noted.
 */
export function plainValueOf(reader: NodeReader, node: YamlNode | null): PlainValue {
  if (isNull(node)) return null;
  if (node?.kind === 'list') return node.items.map((item) => plainValueOf(reader, item));
  if (node?.kind === 'map') {
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
export function locateValue(root: YamlNode | null, path: readonly PropertyKey[]): LocatedValue {
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

function stepInto(node: YamlNode | null, step: PropertyKey): { node: YamlNode | null; keyOffset: number } | null {
  if (node?.kind === 'list' && typeof step === 'number') {
    const item = node.items[step] ?? null;
    return { node: item, keyOffset: offsetOf(item, node.offset) };
  }
  const field = typeof step === 'string' ? fieldOf(node, step) : undefined;
  return field === undefined ? null : { node: field.value, keyOffset: field.key.offset };
}

/** The first field of a mapping with this key. */
export function fieldOf(node: YamlNode | null, name: string): Field | undefined {
  if (node?.kind !== 'map') return undefined;
  for (const { key, value } of node.pairs) {
    if (key.kind === 'text' && key.text === name) return { key, value };
  }
  return undefined;
}
