// SPDX-License-Identifier: Apache-2.0

/** What a line of a report says of an edge: what is to be done, what was done, or why not. */
export type LineKind = 'add' | 'tag' | 'present' | 'refused' | 'lost' | 'failed' | 'planned' | 'skipped';

/** One edge as a line of a report. Lines that say the same of several edges are folded into one. */
export interface EdgeLine {
  readonly kind: LineKind;
  readonly source: string;
  readonly digest: string;
  readonly tag: string | null;
  readonly destination: string;
  readonly at: string;
  /** Why, in sentences; equal for edges that fold. */
  readonly notes: readonly string[];
  /** Print the whole digest and the place in the file: someone has to act on this one. */
  readonly isForAction: boolean;
  /** Fold over digests as well: the registry, not the image, is what the line is about. */
  readonly isAboutRegistry: boolean;
}

/** Lines of one image that say the same. */
export interface FoldedLine {
  readonly first: EdgeLine;
  /** Each with the tags, null for none; one digest unless the line is about a registry. */
  readonly digests: readonly string[];
  readonly tags: readonly (string | null)[];
  readonly destinations: readonly string[];
  readonly places: readonly string[];
  readonly edges: number;
}

/** The folded lines of one image. */
export interface ImageLines {
  readonly source: string;
  readonly lines: readonly FoldedLine[];
}

/** Groups lines by image and folds those that differ only in their destination, and then only in their tag. */
export function foldLines(lines: Iterable<EdgeLine>): readonly ImageLines[] {
  const bySource = Map.groupBy(lines, (line) => line.source);
  return [...bySource].map(([source, own]) => ({ source, lines: fold(own) }));
}

function fold(lines: readonly EdgeLine[]): readonly FoldedLine[] {
  const overDestinations = Map.groupBy(lines, (line) =>
    line.isAboutRegistry ? keyOf(line, null) : keyOf(line, [line.digest, line.tag]),
  );
  const overTags = Map.groupBy(overDestinations.values(), (group) => {
    const [first] = group;
    if (first === undefined || first.isAboutRegistry) return keyOf(first, null);
    return keyOf(first, [first.digest, group.map((line) => line.destination)]);
  });
  return [...overTags.values()].flatMap((groups) => foldedOf(groups.flat()));
}

function foldedOf(lines: readonly EdgeLine[]): readonly FoldedLine[] {
  const [first] = lines;
  if (first === undefined) return [];
  const unique = <Value>(values: readonly Value[]): readonly Value[] => [...new Set(values)];
  return [
    {
      first,
      digests: unique(lines.map((line) => line.digest)),
      tags: unique(lines.map((line) => line.tag)),
      destinations: unique(lines.map((line) => line.destination)),
      places: unique(lines.map((line) => line.at)),
      edges: lines.length,
    },
  ];
}

function keyOf(line: EdgeLine | undefined, rest: unknown): string {
  return JSON.stringify([line?.kind, line?.notes, rest]);
}
