// SPDX-License-Identifier: Apache-2.0

/** A place in a file of the tree: path relative to the tree root with `/`, line and column from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`. */
export function printPosition(position: Position): string {
  return `${position.file}:${position.line}:${position.column}`;
}
