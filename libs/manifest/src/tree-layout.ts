// SPDX-License-Identifier: Apache-2.0
import { suggestName } from './closest-name.ts';
import { type Finding, type FindingText, makeFinding } from './finding.ts';
import type { FindingCode } from './finding-codes.ts';
import { printableText } from './printable-text.ts';
import type { TreeEntry, TreeEntryKind } from './tree-source.ts';

/** Name of the file that makes a directory a project. */
export const MANIFEST_FILE = 'promoter-manifest.yaml';
/** Name of a project's list of images. */
export const IMAGES_FILE = 'images.yaml';
const PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The projects of a tree by its directories alone; nothing is read yet. */
export interface TreeLayout {
  /** All projects seen, in lexical order. */
  readonly projectNames: readonly string[];
  /** Those whose two files are where they should be. */
  readonly readable: readonly string[];
  readonly findings: readonly Finding[];
}

/** Applies the rules of thin directories to a listing. */
export function layOutTree(entries: readonly TreeEntry[]): TreeLayout {
  const layout = new Layout(entries);
  const manifestsOk = layout.checkTop('manifests');
  const imagesOk = layout.checkTop('images');
  if (manifestsOk) layout.findProjects();
  if (manifestsOk && imagesOk) layout.checkImages();
  const projectNames = [...layout.projects].sort();
  const readable = imagesOk ? projectNames.filter((name) => !layout.unusable.has(name)) : [];
  return { projectNames, readable, findings: layout.findings };
}

/** A finding that one of the projects asked for is not in the tree. */
export function unknownProject(name: string, known: readonly string[]): Finding {
  const text = { message: `no such project: ${name}`, value: name, hint: suggestName(name, known) };
  return makeFinding('unknown-project', { file: 'manifests', line: 1, column: 1 }, text);
}

class Layout {
  readonly findings: Finding[] = [];
  readonly projects = new Set<string>();
  readonly unusable = new Set<string>();
  readonly #entries: readonly TreeEntry[];
  readonly #kinds: ReadonlyMap<string, TreeEntryKind>;

  constructor(entries: readonly TreeEntry[]) {
    this.#entries = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
    this.#kinds = new Map(entries.map(({ path, kind }) => [path, kind]));
  }

  checkTop(name: string): boolean {
    const kind = this.#kinds.get(name);
    if (kind === 'directory') return true;
    if (kind === undefined || kind === 'file' || kind === 'other') {
      this.#note('missing-directory', name, { message: `no directory ${name}`, value: name });
    } else this.#noteUnusable(name, kind, null);
    return false;
  }

  findProjects(): void {
    for (const { path, kind } of this.#entries.filter((entry) => entry.path.startsWith('manifests/'))) {
      const parts = path.split('/');
      const name = parts[1] ?? '';
      if (parts.length === 2) this.#readManifestsChild(path, name, kind);
      else if (parts.length === 3 && parts[2] === MANIFEST_FILE) this.#checkManifestFile(path, name, kind);
      else if (parts.at(-1) === MANIFEST_FILE) this.#noteNested(path);
      else if (kind === 'unreadable') this.#noteUnusable(path, kind, name);
    }
    if (this.projects.size === 0) {
      this.#note('no-manifests', 'manifests', { message: 'no manifest found in the tree', value: 'manifests' });
    }
  }

  checkImages(): void {
    for (const name of this.projects) this.#checkImagesOf(name);
    for (const { path, kind } of this.#entries) {
      const [top, name = '', more] = path.split('/');
      if (top !== 'images' || name === '' || more !== undefined || this.projects.has(name)) continue;
      if (kind === 'symlink') this.#noteUnusable(path, kind, null);
      if (kind !== 'directory') continue;
      const file = `${path}/${IMAGES_FILE}`;
      const message = `images of no project: ${name}`;
      this.#note('orphan-images', this.#kinds.has(file) ? file : path, { message, value: name });
    }
  }

  #readManifestsChild(path: string, name: string, kind: TreeEntryKind): void {
    if (name === MANIFEST_FILE) this.#noteNested(path);
    else if (kind === 'symlink' || kind === 'unreadable') this.#noteUnusable(path, kind, null);
    else if (kind === 'directory' && !this.#kinds.has(`${path}/${MANIFEST_FILE}`)) {
      const message = `no ${MANIFEST_FILE} in ${path}`;
      this.#note('directory-without-manifest', path, { message, value: name });
    }
  }

  #checkManifestFile(path: string, name: string, kind: TreeEntryKind): void {
    this.projects.add(name);
    if (!PROJECT_NAME.test(name)) {
      this.#note('project-name-invalid', path, {
        message: `invalid project name: ${name}`,
        value: name,
        project: name,
      });
    } else if (kind !== 'file') this.#noteUnusable(path, kind, name);
  }

  #checkImagesOf(name: string): void {
    const directory = `images/${name}`;
    const file = `${directory}/${IMAGES_FILE}`;
    const directoryKind = this.#kinds.get(directory);
    const kind = this.#kinds.get(file);
    if (directoryKind !== undefined && directoryKind !== 'directory')
      this.#noteUnusable(directory, directoryKind, name);
    else if (kind === undefined) {
      this.#note('missing-images', file, { message: `${file} does not exist`, value: name, project: name });
    } else if (kind !== 'file') this.#noteUnusable(file, kind, name);
  }

  #noteNested(path: string): void {
    const text = { message: `unexpected manifest path: ${path}`, value: path };
    const [, name = '', ...below] = path.split('/');
    this.#note('nested-manifest', path, below.length > 0 ? { ...text, project: name } : text);
  }

  #noteUnusable(path: string, kind: TreeEntryKind, project: string | null): void {
    const isFile = path.endsWith('.yaml') || kind === 'file' || kind === 'other';
    const code = kind === 'unreadable' ? 'unreadable-file' : isFile ? 'irregular-file' : 'symlinked-directory';
    const message = kind === 'unreadable' ? `${path} cannot be read` : `${path} is a ${kind}`;
    this.#note(code, path, { message, value: path, project });
  }

  #note(code: FindingCode, path: string, text: FindingText): void {
    if (text.project) this.unusable.add(text.project);
    this.findings.push(makeFinding(code, { file: printableText(path), line: 1, column: 1 }, text));
  }
}
