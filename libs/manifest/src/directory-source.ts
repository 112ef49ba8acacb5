// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ManifestError } from './manifest-error.ts';
import type { TreeEntry, TreeEntryKind, TreeFile, TreeSource } from './tree-source.ts';

/**
 * The directory `root` as a source. Error, also of `list`: `MANIFEST_ROOT_UNREADABLE` when it is no directory that can be
 * read. The calls below are synchronous on purpose: hundreds of small files cost a multiple of that through the thread pool.
 */
export async function directorySource(root: string): Promise<TreeSource> {
  const path = resolve(root);
  if (!isDirectory(path)) throw unreadableRoot(path, 'not a directory');
  return {
    root: path,
    list: async () => listTree(path),
    read: async (file, maxBytes) => readBounded(join(path, file), { maxBytes, followLinks: false }),
  };
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw unreadableRoot(path, errorMessage(cause), cause);
  }
}

function unreadableRoot(path: string, reason: string, cause?: unknown): ManifestError {
  return new ManifestError('MANIFEST_ROOT_UNREADABLE', `cannot read the tree ${path}: ${reason}`, {
    cause,
    hint: 'Name the directory that holds manifests/ and images/.',
  });
}

function listTree(root: string): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (const found of listRoot(root)) entries.push({ path: found.name, kind: kindOf(found) });
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (entry?.kind !== 'directory') continue;
    try {
      const found = readdirSync(join(root, entry.path), { withFileTypes: true });
      for (const child of found) entries.push({ path: `${entry.path}/${child.name}`, kind: kindOf(child) });
    } catch {
      entries[index] = { path: entry.path, kind: 'unreadable' };
    }
  }
  return entries;
}

function listRoot(root: string): Dirent[] {
  try {
    const found = readdirSync(root, { withFileTypes: true });
    return found.filter(({ name }) => name === 'manifests' || name === 'images');
  } catch (cause) {
    throw unreadableRoot(root, errorMessage(cause), cause);
  }
}

function kindOf(found: Dirent): TreeEntryKind {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'directory';
  return found.isSymbolicLink() ? 'symlink' : 'other';
}

/**
 * Reads a regular file of at most `maxBytes`. Inside a tree links are refused and pipes not waited for (`O_NOFOLLOW`,
 * `O_NONBLOCK`), in case the path changed since it was listed; a file that the user named may be a link.
 */
export function readBounded(
  path: string,
  options: { readonly maxBytes: number; readonly followLinks: boolean },
): TreeFile {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (options.followLinks ? 0 : constants.O_NOFOLLOW);
  try {
    const handle = openSync(path, flags);
    try {
      return readOpen(handle, options.maxBytes);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (isMissing(error)) return { kind: 'absent' };
    return { kind: 'unreadable', reason: errorMessage(error) };
  }
}

function readOpen(handle: number, maxBytes: number): TreeFile {
  const found = fstatSync(handle);
  if (!found.isFile()) return { kind: 'unreadable', reason: 'not a regular file' };
  if (found.size > maxBytes) return { kind: 'too-large', sizeBytes: found.size };
  return { kind: 'bytes', bytes: readFileSync(handle) };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
