// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import type { Dirent } from 'node:fs';
import { constants, open, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ManifestError } from './manifest-error.ts';
import type { TreeEntry, TreeEntryKind, TreeFile, TreeSource } from './tree-source.ts';

/** The directory `root` as a source. Error: `MANIFEST_ROOT_UNREADABLE` when it is no directory that can be read. */
export async function directorySource(root: string): Promise<TreeSource> {
  const path = resolve(root);
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    (cause: unknown) => {
      throw unreadableRoot(path, errorMessage(cause), cause);
    },
  );
  if (!isDirectory) throw unreadableRoot(path, 'not a directory');
  return {
    root: path,
    list: () => listTree(path),
    read: (file, maxBytes) => readBounded(join(path, file), { maxBytes, followLinks: false }),
  };
}

function unreadableRoot(path: string, reason: string, cause?: unknown): ManifestError {
  return new ManifestError('MANIFEST_ROOT_UNREADABLE', `cannot read the tree ${path}: ${reason}`, {
    cause,
    hint: 'Name the directory that holds manifests/ and images/.',
  });
}

async function listTree(root: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const top = await readdir(root, { withFileTypes: true });
  for (const found of top.filter(({ name }) => name === 'manifests' || name === 'images')) {
    entries.push({ path: found.name, kind: kindOf(found) });
  }
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (entry?.kind !== 'directory') continue;
    try {
      const found = await readdir(join(root, entry.path), { withFileTypes: true });
      entries.push(...found.map((child) => ({ path: `${entry.path}/${child.name}`, kind: kindOf(child) })));
    } catch {
      entries[index] = { path: entry.path, kind: 'unreadable' };
    }
  }
  return entries;
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
export async function readBounded(
  path: string,
  options: { readonly maxBytes: number; readonly followLinks: boolean },
): Promise<TreeFile> {
  const { maxBytes, followLinks } = options;
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (followLinks ? 0 : constants.O_NOFOLLOW);
  try {
    await using handle = await open(path, flags);
    const found = await handle.stat();
    if (!found.isFile()) return { kind: 'unreadable', reason: 'not a regular file' };
    if (found.size > maxBytes) return { kind: 'too-large', sizeBytes: found.size };
    return { kind: 'bytes', bytes: await handle.readFile() };
  } catch (error) {
    if (isMissing(error)) return { kind: 'absent' };
    return { kind: 'unreadable', reason: errorMessage(error) };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
