// SPDX-License-Identifier: Apache-2.0
import type { InputLimits } from './input-limits.ts';
import type { ParsedYaml } from './parse-yaml.ts';
import type { ListNode, MapNode, TextNode, YamlNode } from './yaml-node.ts';

// What stands between keys, items and line ends. Anything else makes the scanner give up.
const WORD = '[A-Za-z0-9_](?:[A-Za-z0-9_./@+-]|:(?![ \\n]|$))*';
const QUOTED = `"[^"\\\\\\n]*"|'[^'\\n]*'`;
const KEY = new RegExp(`(?:${QUOTED}|${WORD})(?=:(?:[ \\n]|$))`, 'y');
const SCALAR = new RegExp(`${QUOTED}|${WORD}`, 'y');
const FLOW_SCALAR = new RegExp(`${QUOTED}|[A-Za-z0-9_][A-Za-z0-9_./@+-]*`, 'y');
const SPACES = / */y;
const FLOW_SEPARATOR = / *, */y;
const REST_OF_LINE = /(?: +#[^\n]*| *)(?:\n|$)/y;
/** YAML refuses longer implicit keys; the full parser says so. */
const MAX_KEY_LENGTH = 1000;

interface Line {
  indent: number;
  /** Offset of the first character that is no blank. */
  start: number;
}

/**
 * A parser for the style that promotion files are written in: block mappings and lists of plain words, simple quoted
 * text and lists of those in brackets. It gives the tree that the full parser gives, ten times as fast, or null for any
 * text beyond the style, which is then the full parser's to judge: no finding is made here.
 */
export function scanBlockYaml(text: string, limits: InputLimits): ParsedYaml | null {
  if (/[\t\r]/.test(text)) return null;
  const lines = linesOf(text);
  const [first] = lines;
  if (first === undefined) return { root: null };
  const scanner = new Scanner(text, lines, limits);
  const root = scanner.block(first.indent, 1);
  return root !== null && scanner.isAtEnd() ? { root } : null;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    let start = from;
    while (start < end && text.charCodeAt(start) === 0x20) start++;
    if (start < end && text[start] !== '#') lines.push({ indent: start - from, start });
    from = end + 1;
  }
  return lines;
}

class Scanner {
  readonly #text: string;
  readonly #lines: Line[];
  readonly #limits: InputLimits;
  #line = 0;
  #nodes = 0;
  #end = 0;

  constructor(text: string, lines: Line[], limits: InputLimits) {
    this.#text = text;
    this.#lines = lines;
    this.#limits = limits;
  }

  isAtEnd(): boolean {
    return this.#line === this.#lines.length;
  }

  /** The mapping or list whose entries begin at `indent`; null gives up. */
  block(indent: number, depth: number): YamlNode | null {
    const line = this.#lines[this.#line];
    if (line === undefined || depth > this.#limits.maxDepth) return null;
    return this.#isItem(line) ? this.#list(indent, depth) : this.#map(indent, depth);
  }

  #list(indent: number, depth: number): ListNode | null {
    const items: YamlNode[] = [];
    const offset = this.#lines[this.#line]?.start ?? 0;
    for (let line = this.#at(indent); line !== undefined && this.#isItem(line); line = this.#at(indent)) {
      const from = line.start + 1;
      const start = from + this.#match(SPACES, from);
      const item = this.#item(line, start, depth);
      if (item === null) return null;
      items.push(item);
    }
    return this.#isDeeper(indent) ? null : { kind: 'list', items, offset };
  }

  /** An item is a word, a list in brackets, or a mapping that goes on at its own indentation. */
  #item(line: Line, start: number, depth: number): YamlNode | null {
    if (this.#match(KEY, start) === 0) return this.#inline(start, depth);
    line.indent += start - line.start;
    line.start = start;
    return depth < this.#limits.maxDepth ? this.#map(line.indent, depth + 1) : null;
  }

  #map(indent: number, depth: number): MapNode | null {
    const pairs: { key: YamlNode; value: YamlNode }[] = [];
    const offset = this.#lines[this.#line]?.start ?? 0;
    for (let line = this.#at(indent); line !== undefined && !this.#isItem(line); line = this.#at(indent)) {
      const length = this.#match(KEY, line.start);
      if (length === 0 || length > MAX_KEY_LENGTH) return null;
      const key = this.#scalarNode(line.start, length);
      const value = this.#value(line.start + length + 1, indent, depth);
      if (value === null || key === null) return null;
      pairs.push({ key, value });
    }
    return pairs.length === 0 || this.#isDeeper(indent) ? null : { kind: 'map', pairs, offset };
  }

  #value(colonEnd: number, indent: number, depth: number): YamlNode | null {
    if (this.#match(REST_OF_LINE, colonEnd) === 0 && colonEnd < this.#text.length) {
      return this.#inline(colonEnd + this.#match(SPACES, colonEnd), depth);
    }
    const next = this.#lines[++this.#line];
    if (next === undefined || next.indent < indent) return null;
    if (next.indent === indent && !this.#isItem(next)) return null;
    return this.block(next.indent, depth + 1);
  }

  /** A scalar or a list in brackets that ends its line. */
  #inline(start: number, depth: number): YamlNode | null {
    const node = this.#text[start] === '[' ? this.#flowList(start, depth + 1) : this.#scalar(SCALAR, start);
    if (node === null) return null;
    if (this.#match(REST_OF_LINE, this.#end) === 0 && this.#end < this.#text.length) return null;
    this.#line++;
    return node;
  }

  #flowList(start: number, depth: number): ListNode | null {
    if (depth > this.#limits.maxDepth) return null;
    const items: YamlNode[] = [];
    let at = start + 1 + this.#match(SPACES, start + 1);
    while (this.#text[at] !== ']') {
      if (items.length > 0) {
        const separator = this.#match(FLOW_SEPARATOR, at);
        if (separator === 0) return null;
        at += separator;
      }
      const item = this.#scalar(FLOW_SCALAR, at);
      if (item === null) return null;
      items.push(item);
      at = this.#text[this.#end] === ' ' ? this.#beforeSeparator(this.#end) : this.#end;
    }
    this.#end = at + 1;
    return { kind: 'list', items, offset: start };
  }

  /** Blanks in front of a closing bracket are skipped; those in front of a comma belong to the separator. */
  #beforeSeparator(at: number): number {
    const after = at + this.#match(SPACES, at);
    return this.#text[after] === ']' ? after : at;
  }

  #scalar(pattern: RegExp, start: number): TextNode | null {
    const length = this.#match(pattern, start);
    this.#end = start + length;
    return length === 0 ? null : this.#scalarNode(start, length);
  }

  #scalarNode(start: number, length: number): TextNode | null {
    // Two tokens at least for each scalar: a text with more of them than the limit is not for here.
    if (++this.#nodes * 2 > this.#limits.maxTokens) return null;
    const quote = this.#text[start];
    const isPlain = quote !== '"' && quote !== "'";
    const text = isPlain ? this.#text.slice(start, start + length) : this.#text.slice(start + 1, start + length - 1);
    return { kind: 'text', text, offset: start, isPlain };
  }

  #at(indent: number): Line | undefined {
    const line = this.#lines[this.#line];
    return line?.indent === indent ? line : undefined;
  }

  #isDeeper(indent: number): boolean {
    const line = this.#lines[this.#line];
    return line !== undefined && line.indent > indent;
  }

  #isItem(line: Line): boolean {
    return this.#text.charCodeAt(line.start) === 0x2d && this.#text.charCodeAt(line.start + 1) === 0x20;
  }

  /** Length of the match at `start`, 0 for none. */
  #match(pattern: RegExp, start: number): number {
    pattern.lastIndex = start;
    return pattern.test(this.#text) ? pattern.lastIndex - start : 0;
  }
}
