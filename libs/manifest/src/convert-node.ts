// SPDX-License-Identifier: Apache-2.0
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import type { YamlNode } from './yaml-node.ts';

/** A node of the YAML library as one of ours; null for nothing. Recursion ends at the depth limit of the token stream. */
export function convertNode(node: Node | null): YamlNode | null {
  const offset = node?.range?.[0] ?? 0;
  if (isScalar(node)) return { kind: 'text', text: node.source ?? '', offset, isPlain: node.type === 'PLAIN' };
  if (isSeq<Node | null>(node))
    return { kind: 'list', items: node.items.map((item) => convertNode(item) ?? nothing(offset)), offset };
  if (!isMap<Node, Node | null>(node)) return null;
  const pairs = node.items.map(({ key, value }) => ({
    key: convertNode(key) ?? nothing(offset),
    value: convertNode(value),
  }));
  return { kind: 'map', pairs, offset };
}

function nothing(offset: number): YamlNode {
  return { kind: 'text', text: '', offset, isPlain: true };
}
