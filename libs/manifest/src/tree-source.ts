// SPDX-License-Identifier: Apache-2.0

/** What stands at a path: links are not followed; submodules, devices and pipes are `other`. */
export type TreeEntryKind = 'file' | 'directory' | 'symlink' | 'other' | 'unreadable';

/** A path of the tree, relative to its root, with `/`. */
export interface TreeEntry {
  readonly path: string;
  readonly kind: TreeEntryKind;
}

/** The outcome of reading a file; only `bytes` has content. */
export type TreeFile =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'too-large'; readonly sizeBytes: number }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Where a tree's files come from: a directory, or a commit that is not checked out. Trouble with one file is no throw. */
export interface TreeSource {
  /** Absolute path that stands for the tree. */
  readonly root: string;
  /** `manifests` and `images` themselves and everything below them, as far as they exist, in any order. */
  list(): Promise<readonly TreeEntry[]>;
  /** The bytes of a file of the root or below, unless it has more than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<TreeFile>;
}

/** A source over files in memory, for tests and for trees that were read elsewhere; directories are those of the paths. */
export function treeSourceOf(root: string, files: ReadonlyMap<string, Uint8Array | string>): TreeSource {
  const entries = new Map<string, TreeEntryKind>();
  for (const path of files.keys()) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) entries.set(parts.slice(0, depth).join('/'), 'directory');
    entries.set(path, 'file');
  }
  const isListed = (path: string): boolean => /^(?:manifests|images)(?:\/|$)/.test(path);
  return {
    root,
    list: async () => [...entries].filter(([path]) => isListed(path)).map(([path, kind]) => ({ path, kind })),
    read: async (path, maxBytes) => {
      const content = files.get(path);
      if (content === undefined) return { kind: 'absent' };
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      return bytes.length > maxBytes ? { kind: 'too-large', sizeBytes: bytes.length } : { kind: 'bytes', bytes };
    },
  };
}
