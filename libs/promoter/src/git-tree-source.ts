// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { errorMessage } from '@promograph/errors';
import type { TreeEntry, TreeEntryKind, TreeFile, TreeSource } from '@promograph/manifest';
import { checkRef, type GitPlace, gitEnvironment, runGit, SAFE_GIT_OPTIONS } from './git-command.ts';
import { PromoterError } from './promoter-error.ts';

/** Most bytes of all files together that are read from a commit. */
const MAX_TOTAL_BYTES = 512 * 1024 * 1024;

/** A file of a commit. */
interface GitFile {
  readonly oid: string;
  readonly sizeBytes: number;
}

/** What a commit holds below the paths that were asked for. */
interface Listing {
  readonly entries: readonly TreeEntry[];
  readonly files: ReadonlyMap<string, GitFile>;
}

/**
 * The tree at a git ref, read from the repository that `place.dir` (the tree's root) is in; nothing is checked out. Only
 * `paths` below the root are looked at. Error: `PROMOTER_GIT`.
 */
export async function gitTreeSource(place: GitPlace, ref: string, paths: readonly string[]): Promise<TreeSource> {
  const listing = await listAt(place, await treeAt(place, ref), paths);
  let contents: Promise<ReadonlyMap<string, Uint8Array>> | undefined;
  return {
    root: place.dir,
    list: async () => listing.entries,
    read: async (path, maxBytes): Promise<TreeFile> => {
      const file = listing.files.get(path);
      if (file === undefined) return { kind: 'absent' };
      if (file.sizeBytes > maxBytes) return { kind: 'too-large', sizeBytes: file.sizeBytes };
      contents ??= readAll(
        place,
        [...listing.files.values()].filter(({ sizeBytes }) => sizeBytes <= maxBytes),
      );
      try {
        const bytes = (await contents).get(file.oid);
        return bytes === undefined ? { kind: 'unreadable', reason: 'not in the repository' } : { kind: 'bytes', bytes };
      } catch (error) {
        return { kind: 'unreadable', reason: errorMessage(error) };
      }
    },
  };
}

/** The object name of the tree that `ref` (a commit, tag or tree) stands for. */
async function treeAt(place: GitPlace, ref: string): Promise<string> {
  checkRef(ref);
  try {
    return (await runGit(place, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{tree}`])).trim();
  } catch (cause) {
    if (place.signal?.aborted === true) throw cause;
    // --quiet says nothing where the ref is unknown; without a repository git says so, and that is the better message.
    if (cause instanceof PromoterError && !cause.message.endsWith('without a message')) throw cause;
    throw new PromoterError('PROMOTER_GIT', `git does not know ${ref}`, {
      cause,
      hint: 'Check the spelling, and fetch the branch or more history.',
    });
  }
}

/** `ls-tree` in the root lists paths relative to it: `<mode> <type> <oid> <size>\t<path>`, NUL after each. */
async function listAt(place: GitPlace, tree: string, paths: readonly string[]): Promise<Listing> {
  const text = await runGit(place, ['ls-tree', '-r', '-t', '-z', '--long', tree, '--', ...paths]);
  const entries: TreeEntry[] = [];
  const files = new Map<string, GitFile>();
  for (const record of text.split('\0')) {
    const [, mode, oid, size, path] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(record) ?? [];
    if (mode === undefined || oid === undefined || path === undefined) continue;
    const kind = kindOf(mode);
    entries.push({ path, kind });
    if (kind === 'file') files.set(path, { oid, sizeBytes: Number(size) });
  }
  return { entries, files: new Map([...files].filter(([path]) => path.endsWith('.yaml') || paths.includes(path))) };
}

function kindOf(mode: string): TreeEntryKind {
  if (mode.startsWith('100')) return 'file';
  if (mode === '040000') return 'directory';
  return mode === '120000' ? 'symlink' : 'other';
}

/** The content of `files` by object name, in one `cat-file --batch`. */
async function readAll(place: GitPlace, files: readonly GitFile[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (totalBytes > MAX_TOTAL_BYTES) {
    throw new PromoterError(
      'PROMOTER_GIT',
      `the tree at that ref has ${totalBytes} bytes, the limit is ${MAX_TOTAL_BYTES}`,
    );
  }
  const oids = [...new Set(files.map(({ oid }) => oid))];
  return parseBatch(await catFile(place, oids, totalBytes + oids.length * 256 + 1024));
}

function catFile(place: GitPlace, oids: readonly string[], maxBuffer: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      [...SAFE_GIT_OPTIONS, 'cat-file', '--batch'],
      {
        cwd: place.dir,
        env: gitEnvironment(place.env),
        encoding: 'buffer',
        maxBuffer,
        windowsHide: true,
        ...(place.signal && { signal: place.signal }),
      },
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(new PromoterError('PROMOTER_GIT', `git cat-file: ${error.message}`, { cause: error }));
      },
    );
    // git that ends early closes its input; the callback above tells why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(oids.map((oid) => `${oid}\n`).join(''));
  });
}

/** `<oid> <type> <size>\n<content>\n` for each object; `<oid> missing\n` for one that is not there. */
function parseBatch(output: Buffer): ReadonlyMap<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(0x0a, at);
    if (end < 0) break;
    const [oid, type, size] = output.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (oid === undefined || type !== 'blob') continue;
    contents.set(oid, output.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return contents;
}
