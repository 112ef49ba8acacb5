// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PromoterError } from './promoter-error.ts';

/** The tree's root: `treeDir` as given, else the nearest directory upwards of `cwd` that holds `manifests` and `images`. */
export function findTree(cwd: string, treeDir: string | undefined): string {
  if (treeDir !== undefined) return givenTree(resolve(cwd, treeDir), treeDir);
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    if (isDirectory(join(dir, 'manifests')) && isDirectory(join(dir, 'images'))) return dir;
    if (dirname(dir) === dir) break;
  }
  throw new PromoterError('PROMOTER_NO_TREE', `no promotion tree at or above ${cwd}`, {
    hint: 'A tree holds `manifests` and `images`; name one with --manifests DIR, or a single file with --manifest FILE.',
  });
}

function givenTree(root: string, asGiven: string): string {
  if (isDirectory(root)) return root;
  throw new PromoterError('PROMOTER_NO_TREE', `no such directory: ${asGiven}`, {
    hint: 'Name the directory that holds `manifests` and `images`.',
  });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
