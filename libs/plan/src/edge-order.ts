// SPDX-License-Identifier: Apache-2.0
import type { Position } from '@promograph/manifest';
import type { PromotionEdge } from './edge.ts';
import { compareText } from './text-order.ts';

/** Order of edges everywhere: project, source, digest, destination, tag; no tag before any tag. */
export function compareEdges(left: PromotionEdge, right: PromotionEdge): number {
  return (
    compareText(left.project, right.project) ||
    compareText(left.source, right.source) ||
    compareText(left.digest, right.digest) ||
    compareText(left.destination, right.destination) ||
    compareTags(left.tag, right.tag)
  );
}

/** Order of tags, where no tag comes first. */
export function compareTags(left: string | null, right: string | null): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return compareText(left, right);
}

/** Order of places: file, line, column. */
export function comparePositions(left: Position, right: Position): number {
  return compareText(left.file, right.file) || left.line - right.line || left.column - right.column;
}

/** The edges in order, each once. Among equal edges the one that stands first in the files is kept. */
export function sortEdges(edges: readonly PromotionEdge[]): readonly PromotionEdge[] {
  if (isStrictlySorted(edges)) return edges;
  const sorted = edges.toSorted((left, right) => compareEdges(left, right) || comparePositions(left.at, right.at));
  const unique: PromotionEdge[] = [];
  for (const edge of sorted) {
    const last = unique.at(-1);
    if (last === undefined || compareEdges(last, edge) !== 0) unique.push(edge);
  }
  return unique;
}

function isStrictlySorted(edges: readonly PromotionEdge[]): boolean {
  let last: PromotionEdge | undefined;
  for (const edge of edges) {
    if (last !== undefined && compareEdges(last, edge) >= 0) return false;
    last = edge;
  }
  return true;
}
