// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package of the repository and what it may lean on. */
export interface Room {
  readonly package: string;
  readonly layer: number;
  /** Pure rooms touch neither network nor `process`, and import only pure rooms. */
  readonly isPure: boolean;
  readonly mayImport: readonly string[];
}

/** `architecture.json`: the one table of rooms, layers and allowed imports. */
export interface Architecture {
  /** The room below all others; rooms of its own layer may import it too. */
  readonly ground: string;
  /** The room that only tests, demo, end-to-end and benchmarks may import. */
  readonly testing: string;
  /** Modules that pure rooms may not import, without the `node:` prefix. */
  readonly networkModules: readonly string[];
  readonly rooms: Readonly<Record<string, Room>>;
  /** Directories with programs of the repository itself; they may import every room. */
  readonly places: readonly string[];
}

/** Reads the table below `root`. */
export async function readArchitecture(root: string): Promise<Architecture> {
  return JSON.parse(await readFile(join(root, 'architecture.json'), 'utf8')) as Architecture;
}

/** The room or place that a path lies in, or null for files at the root and in documentation. */
export function roomOf(architecture: Architecture, path: string): string | null {
  const names = [...Object.keys(architecture.rooms), ...architecture.places];
  return names.find((name) => path.startsWith(`${name}/`)) ?? null;
}
