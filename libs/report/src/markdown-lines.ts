// SPDX-License-Identifier: Apache-2.0
import { type EdgeLine, foldLines, type FoldedLine } from './edge-line.ts';
import type { MarkdownSection } from './fit-markdown.ts';
import { codeSpan, html, prose, row } from './markdown-text.ts';
import { count } from './measures.ts';
import { shortDigest } from './printable.ts';
import { symbolOf } from './text-lines.ts';

/** Lines of one project with what frames them. */
export interface ProjectLines {
  readonly project: string;
  readonly destinations: number;
  readonly lines: readonly EdgeLine[];
}

/** Lines that someone has to act on: one open table over all projects, every digest in full. */
export function openSection(title: string, projects: readonly ProjectLines[]): MarkdownSection {
  const open = `### ${title}\n\n${row('', 'Image', 'Digest', 'Tags', 'Destinations', 'Why', 'Where')}${row(...Array<string>(7).fill('---'))}`;
  const rows = projects.flatMap(({ destinations, lines }) =>
    folded(lines).map((line) => {
      const [digest = '', ...others] = line.digests;
      const digests = others.length === 0 ? codeSpan(digest) : count(line.edges, 'edge');
      const why = line.first.notes.map(prose).join('<br>');
      const place = line.first.isAboutRegistry ? '' : codeSpan(line.places[0] ?? line.first.at);
      return row(...cells(line, { destinations, digests }), why, place);
    }),
  );
  return { open, rows, close: '\n' };
}

/** What simply happens, folded away: one `<details>` per project. */
export function foldedSection(summary: string, { project, destinations, lines }: ProjectLines): MarkdownSection {
  const title = `<code>${html(project)}</code>: ${html(summary)}`;
  const open = `<details><summary>${title}</summary>\n\n${row('', 'Image', 'Digest', 'Tags', 'Destinations')}${row(...Array<string>(5).fill('---'))}`;
  const rows = folded(lines).map((line) =>
    row(...cells(line, { destinations, digests: codeSpan(shortDigest(line.first.digest)) })),
  );
  return { open, rows, close: '\n</details>\n\n' };
}

function folded(lines: readonly EdgeLine[]): readonly FoldedLine[] {
  return foldLines(lines).flatMap((image) => image.lines);
}

function cells(
  line: FoldedLine,
  shown: { readonly destinations: number; readonly digests: string },
): readonly string[] {
  const { first } = line;
  const tags = first.isAboutRegistry
    ? ''
    : line.tags.map((tag) => (tag === null ? '(no tag)' : codeSpan(tag))).join(', ');
  const isAll = shown.destinations > 1 && line.destinations.length === shown.destinations;
  const places = isAll
    ? `${line.destinations.length} of ${shown.destinations}`
    : line.destinations.map(codeSpan).join('<br>');
  return [codeSpan(symbolOf(first.kind)), codeSpan(first.source), shown.digests, tags, places];
}
