// SPDX-License-Identifier: Apache-2.0

/** A scalar's source text, its place, and whether it stood without quotes. */
export interface TextNode {
  readonly kind: 'text';
  readonly text: string;
  readonly offset: number;
  readonly isPlain: boolean;
}

/** A list, in block or flow style; `offset` is that of its first indicator. */
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly offset: number;
}

/** A mapping with its pairs in file order, repeated keys included; a value is null when not even a `:` was there. */
export interface MapNode {
  readonly kind: 'map';
  readonly pairs: readonly { readonly key: YamlNode; readonly value: YamlNode | null }[];
  readonly offset: number;
}

/** What a document is made of, whoever parsed it. */
export type YamlNode = TextNode | ListNode | MapNode;
