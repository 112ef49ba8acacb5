// SPDX-License-Identifier: Apache-2.0
import { styleText } from 'node:util';
import { columnsOf } from './columns-of.ts';
import { type EdgeLine, foldLines, type FoldedLine, type ImageLines, type LineKind } from './edge-line.ts';
import { count } from './measures.ts';
import { printable, shortDigest } from './printable.ts';

/** How text is laid out. */
export interface TextOptions {
  /** Columns to wrap lists of tags at. Default 120; digests and repositories are never cut. */
  readonly width?: number;
  /** Colour by ANSI sequences. Default false. */
  readonly colour?: boolean;
  /** The next command to type, instead of the one that the report suggests; empty for none. */
  readonly next?: string;
  /** Where the tree is, as the reader would name it: stands before its files. Default: they are named from its root. */
  readonly directory?: string;
}

const DEFAULT_WIDTH = 120;

const SYMBOLS: Readonly<
  Record<LineKind, { readonly symbol: string; readonly colour: Parameters<typeof styleText>[0] }>
> = {
  add: { symbol: '+', colour: 'green' },
  tag: { symbol: '~', colour: 'yellow' },
  present: { symbol: '=', colour: 'dim' },
  refused: { symbol: '!', colour: 'red' },
  lost: { symbol: '?', colour: 'magenta' },
  failed: { symbol: 'x', colour: 'red' },
  planned: { symbol: '>', colour: 'cyan' },
  skipped: { symbol: '-', colour: 'dim' },
};

/** The symbol that stands before a line of this kind. */
export function symbolOf(kind: LineKind): string {
  return SYMBOLS[kind].symbol;
}

/** Lines for people, grouped by image; `destinations` is how many destinations an image has in all. */
export function textLines(
  lines: Iterable<EdgeLine>,
  layout: TextOptions & { readonly destinations: number },
): readonly string[] {
  return foldLines(lines).flatMap((image) => imageText(image, layout));
}

function imageText(image: ImageLines, layout: TextOptions & { readonly destinations: number }): readonly string[] {
  const rows = image.lines.map((line) => ({ line, what: what(line), where: where(line, layout.destinations) }));
  const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columnsOf(text)));
  const whatWidth = Math.max(
    ...rows.filter(({ line }) => !line.first.isForAction).map((row) => columnsOf(row.what)),
    0,
  );
  const whereWidth = Math.max(...rows.map((row) => columnsOf(row.where)));
  const text = rows.flatMap(({ line, what: subject, where: place }) => {
    const head = `    ${paint(line.first.kind, layout)} ${pad(subject, whatWidth)}  ${pad(place, whereWidth)}`;
    return [...withTags(head, line, layout.width ?? DEFAULT_WIDTH), ...below(line, layout)];
  });
  return [`  ${printable(image.source)}`, ...text];
}

function what(line: FoldedLine): string {
  if (line.first.isAboutRegistry) return count(line.edges, 'edge');
  return line.first.isForAction ? printable(line.first.digest) : shortDigest(line.first.digest);
}

function where(line: FoldedLine, destinations: number): string {
  const [only] = line.destinations;
  if (destinations <= 1 && only !== undefined) return `-> ${printable(only)}`;
  return `${line.destinations.length} of ${count(destinations, 'destination')}`;
}

function withTags(head: string, line: FoldedLine, width: number): readonly string[] {
  if (line.first.isAboutRegistry) return [head.trimEnd()];
  const indent = 10;
  const texts: string[] = [];
  let current = `${head} `;
  for (const [index, tag] of line.tags.entries()) {
    const item = (tag === null ? '(no tag)' : printable(tag)) + (index === line.tags.length - 1 ? '' : ',');
    if (index > 0 && columnsOf(current) + 1 + columnsOf(item) > width) {
      texts.push(current);
      current = ' '.repeat(indent - 1);
    }
    current += ` ${item}`;
  }
  return [...texts, current];
}

function below(line: FoldedLine, layout: TextOptions & { readonly destinations: number }): readonly string[] {
  const { destinations } = layout;
  const { first, places } = line;
  const isPartial = destinations > 1 && line.destinations.length < destinations;
  const list = isPartial ? line.destinations.map((destination) => `          ${printable(destination)}`) : [];
  const notes = first.notes.map((note) => `        ${printable(note)}`);
  const hasPlace = first.isForAction || (first.notes.length > 0 && !first.isAboutRegistry);
  const more = places.length > 1 ? ` and ${count(places.length - 1, 'more place')}` : '';
  return [...list, ...notes, ...(hasPlace ? [`        at ${placeText(places[0] ?? first.at, layout)}${more}`] : [])];
}

function paint(kind: LineKind, { colour }: TextOptions): string {
  const { symbol, colour: style } = SYMBOLS[kind];
  return colour === true ? styleText(style, symbol, { validateStream: false }) : symbol;
}

/** A position (`file:line:column`) so that the reader can open it. */
export function placeText(at: string, { directory = '' }: TextOptions): string {
  const isWhole = directory === '' || /^(?:[/\\]|[A-Za-z]:[/\\])/.test(at);
  return printable(isWhole ? at : `${directory.replace(/[/\\]$/, '')}/${at}`);
}

/** A heading, bold where there is colour. */
export function heading(text: string, { colour }: TextOptions): string {
  return colour === true ? styleText('bold', text, { validateStream: false }) : text;
}

/** The last line of a report; none without a command. */
export function nextLine(next: string | null): readonly string[] {
  return next === null || next === '' ? [] : [`Next: ${next}`];
}
