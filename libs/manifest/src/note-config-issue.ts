// SPDX-License-Identifier: Apache-2.0
import { redactText } from '@promograph/errors';
import { z } from 'zod';
import { configSchema } from './config-schema.ts';
import type { NodeReader } from './node-reader.ts';
import { locateValue } from './plain-value.ts';
import type { YamlNode } from './yaml-node.ts';

/** A document whose value the schema refused. */
export interface RefusedConfig {
  readonly reader: NodeReader;
  readonly root: YamlNode;
  readonly value: unknown;
}

/** Notes one objection of the schema where it belongs in the file. */
export function noteConfigIssue(refused: RefusedConfig, issue: z.core.$ZodIssue): void {
  const { reader, root } = refused;
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(issue);
    if (branch === null) noteValue(refused, issue);
    for (const inner of branch ?? []) noteConfigIssue(refused, { ...inner, path: [...issue.path, ...inner.path] });
  } else if (issue.code === 'unrecognized_keys') {
    const what = issue.path.length === 0 ? 'the configuration' : issue.path.join('.');
    const shape = { what, keys: knownKeys(issue.path) };
    for (const key of issue.keys) {
      const { keyOffset } = locateValue(root, [...issue.path, key]);
      reader.unknownKey({ text: key, offset: keyOffset }, shape);
    }
  } else if (
    (issue.code === 'invalid_type' || issue.code === 'invalid_value') &&
    valueAt(refused.value, issue.path) === undefined
  ) {
    const section = issue.path.slice(0, -1);
    const what = section.length === 0 ? 'the configuration' : section.join('.');
    reader.missingKey(String(issue.path.at(-1)), locateValue(root, section).keyOffset, what);
  } else {
    noteValue(refused, issue);
  }
}

function noteValue({ reader, root }: RefusedConfig, issue: z.core.$ZodIssue): void {
  const place = locateValue(root, issue.path);
  const isKey = issue.code === 'invalid_key';
  const value = redactText(isKey ? String(issue.path.at(-1)) : place.text);
  const reason = isKey ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const message = `${issue.path.join('.')}: ${reason}`;
  reader.findings.add('invalid-value', isKey ? place.keyOffset : place.offset, { message, value });
}

/** The one branch of a union whose kind of value was written; null when it is none, or several. */
function meantBranch({ errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | null {
  const isOfItsKind = (issues: readonly z.core.$ZodIssue[]): boolean =>
    issues.every(({ code, path }) => path.length > 0 || code !== 'invalid_type');
  const [branch, ...others] = errors.filter(isOfItsKind);
  return branch === undefined || others.length > 0 ? null : branch;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  );
}

interface JsonSchemaNode {
  readonly properties?: Readonly<Record<string, JsonSchemaNode>>;
  readonly additionalProperties?: JsonSchemaNode | boolean;
  readonly items?: JsonSchemaNode;
  readonly anyOf?: readonly JsonSchemaNode[];
}

/** The keys that the schema knows at a path, for the suggestion. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let node = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchemaNode;
  for (const step of path) {
    const { additionalProperties: more, items } = node;
    node = node.properties?.[String(step)] ?? items ?? (typeof more === 'object' ? more : {});
    node = node.anyOf?.find(({ properties }) => properties !== undefined) ?? node;
  }
  return Object.keys(node.properties ?? {});
}
