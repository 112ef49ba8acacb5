// SPDX-License-Identifier: Apache-2.0
import { suggestName } from './closest-name.ts';
import type { FileFindings } from './file-findings.ts';
import type { TextNode, YamlNode } from './yaml-node.ts';

/** A key of a mapping with its value. */
export interface Field {
  readonly key: TextNode;
  readonly value: YamlNode | null;
}

/** What a mapping is called in messages, and the keys that it may have. */
export interface MappingShape {
  readonly what: string;
  readonly keys: readonly string[];
}

const NULLS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
/** The booleans of YAML 1.1, which the existing files may use. */
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;

/** Where a node starts. */
export function offsetOf(node: YamlNode | null, fallback: number): number {
  return node === null ? fallback : node.offset;
}

/** Whether a value is absent: nothing, `~` or `null` without quotes. */
export function isNull(node: YamlNode | null): boolean {
  return node === null || (node.kind === 'text' && node.isPlain && NULLS.has(node.text));
}

/** The scalar as it stands in the file, or null when the node is none. */
export function textOf(node: YamlNode | null): TextNode | null {
  return node?.kind === 'text' ? node : null;
}

/** Reads nodes of one file, noting every shape that is not the expected one. */
export class NodeReader {
  readonly findings: FileFindings;

  constructor(findings: FileFindings) {
    this.findings = findings;
  }

  /** The fields of a mapping in file order, duplicates and non-text keys noted and left out; null when it is no mapping. */
  pairs(node: YamlNode | null, at: number, what: string): Field[] | null {
    if (node?.kind !== 'map') {
      this.wrongType(node, at, `${what} must be a mapping`);
      return null;
    }
    const seen = new Set<string>();
    const fields: Field[] = [];
    for (const pair of node.pairs) {
      const key = textOf(pair.key);
      if (key === null) this.wrongType(pair.key, at, `a key of ${what} must be text`);
      else if (seen.has(key.text)) {
        const message = `duplicate key: ${key.text}`;
        this.findings.add('duplicate-key', key.offset, { message, value: key.text });
      } else {
        seen.add(key.text);
        fields.push({ key, value: pair.value });
      }
    }
    return fields;
  }

  /** The fields of a mapping by key; keys that the shape lacks are noted. */
  fields(node: YamlNode | null, at: number, shape: MappingShape): Map<string, Field> | null {
    const pairs = this.pairs(node, at, shape.what);
    if (pairs === null) return null;
    for (const { key } of pairs.filter((pair) => !shape.keys.includes(pair.key.text))) this.unknownKey(key, shape);
    return new Map(pairs.map((field) => [field.key.text, field]));
  }

  /** The items of a list; none when the value is absent; null, noted, when it is something else. */
  items(node: YamlNode | null, at: number, what: string): readonly YamlNode[] | null {
    if (isNull(node)) return [];
    if (node?.kind === 'list') return node.items;
    this.wrongType(node, at, `${what} must be a list`);
    return null;
  }

  /** The text of a field; '' when it is absent; null, noted, when it is no scalar. */
  text(field: Field | undefined, what: string): TextNode | null {
    if (field === undefined) return null;
    if (isNull(field.value))
      return { kind: 'text', text: '', offset: offsetOf(field.value, field.key.offset), isPlain: true };
    const text = textOf(field.value);
    if (text === null) this.wrongType(field.value, field.key.offset, `${what} must be text`);
    return text;
  }

  /** A YAML 1.1 boolean; absent is false; anything else is noted and false. */
  boolean(field: Field | undefined, what: string): boolean {
    if (field === undefined || isNull(field.value)) return false;
    const text = textOf(field.value);
    if (text?.isPlain && TRUE.test(text.text)) return true;
    if (text?.isPlain && FALSE.test(text.text)) return false;
    const message = `${what} must be true or false`;
    this.findings.add('invalid-boolean', offsetOf(field.value, field.key.offset), { message, value: text?.text ?? '' });
    return false;
  }

  /** Notes that `key` is none of the shape's. */
  unknownKey(key: { readonly text: string; readonly offset: number }, shape: MappingShape): void {
    const message = `unknown key in ${shape.what}: ${key.text}`;
    this.findings.add('unknown-key', key.offset, { message, value: key.text, hint: suggestName(key.text, shape.keys) });
  }

  /** Notes that a required key is not there. */
  missingKey(key: string, offset: number, what: string): void {
    this.findings.add('missing-key', offset, { message: `${what} needs the key ${key}`, value: key });
  }

  /** Notes a node of the wrong shape. */
  wrongType(node: YamlNode | null, at: number, expectation: string): void {
    const found =
      node?.kind === 'map' ? 'a mapping' : node?.kind === 'list' ? 'a list' : isNull(node) ? 'nothing' : 'text';
    const value = textOf(node)?.text ?? '';
    this.findings.add('wrong-type', offsetOf(node, at), { message: `${expectation}, found ${found}`, value });
  }
}
