// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Directories that hold nothing written by hand. */
const IGNORED: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'coverage',
  '.git',
  '.nx',
  '.promo',
  '.e2e',
  'baselines',
]);

/** Every hand-written file below `root`, as sorted paths relative to it with `/`. */
export async function listFiles(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (directory: string): Promise<void> => {
    for (const entry of await readdir(join(root, directory), { withFileTypes: true })) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory() && !IGNORED.has(entry.name)) await visit(path);
      if (entry.isFile()) found.push(path);
    }
  };
  await visit('');
  return found.sort();
}

/** True for program text: TypeScript and JavaScript. */
export function isSource(path: string): boolean {
  return /\.(?:ts|js|mjs)$/.test(path);
}

/** True for tests and what only they use. */
export function isTest(path: string): boolean {
  return /\.test\.ts$|(?:^|[/.])testing\.ts$|(?:^|\/)(?:test|testing)\//.test(path);
}
