// SPDX-License-Identifier: Apache-2.0
import { basename, dirname, extname, resolve } from 'node:path';
import { applyBaseline } from './apply-baseline.ts';
import type { Baseline } from './baseline.ts';
import { directorySource, readBounded } from './directory-source.ts';
import { type Finding, sortFindings } from './finding.ts';
import { DEFAULT_INPUT_LIMITS, type InputLimits } from './input-limits.ts';
import { ManifestError } from './manifest-error.ts';
import type { Project, Tree } from './model.ts';
import { findProvenanceConflicts } from './provenance-conflicts.ts';
import { readBaselineFrom } from './read-baseline.ts';
import { fieldOf } from './plain-value.ts';
import { type ReadProject, readPlainProject, readThinProject } from './read-project.ts';
import { parseSourceFile, type SourceFile } from './source-file.ts';
import { IMAGES_FILE, layOutTree, MANIFEST_FILE, unknownProject } from './tree-layout.ts';
import type { TreeSource } from './tree-source.ts';

/** How a tree is read. */
export interface ReadTreeOptions {
  /** Accepted findings. Absent: `promograph-baseline.yaml` of the tree, when it is there; null: none. */
  readonly baseline?: Baseline | null;
  readonly limits?: Partial<InputLimits>;
  /** Only these projects; an unknown name is a finding. Default all. */
  readonly projects?: readonly string[];
}

/**
 * Reads the thin tree below the directory `root`. Whatever is wrong with its content is a finding; nothing is written and
 * no link is followed. Error: `MANIFEST_ROOT_UNREADABLE`.
 */
export async function readTree(root: string, options: ReadTreeOptions = {}): Promise<Tree> {
  return readTreeFrom(await directorySource(root), options);
}

/** `readTree` for a tree that is no directory, such as a commit that is not checked out. */
export async function readTreeFrom(source: TreeSource, options: ReadTreeOptions = {}): Promise<Tree> {
  const limits = { ...DEFAULT_INPUT_LIMITS, ...options.limits };
  const layout = layOutTree(await source.list());
  const wanted = options.projects === undefined ? null : new Set(options.projects);
  const unknown = [...(wanted ?? [])].filter((name) => !layout.projectNames.includes(name));
  const findings: Finding[] = unknown.map((name) => unknownProject(name, layout.projectNames));
  findings.push(...layout.findings.filter(({ project }) => project === null || (wanted?.has(project) ?? true)));
  const results: ReadProject[] = [];
  for (const name of layout.readable.filter((project) => wanted?.has(project) ?? true)) {
    results.push(await readThin(source, name, limits));
  }
  const isWholeTree = wanted === null;
  return finishTree({ source, projectNames: layout.projectNames, findings, results, isWholeTree }, options);
}

/**
 * Reads one plain manifest; the project is named after the file, and the tree's root is its directory. Errors:
 * `MANIFEST_FILE_UNREADABLE`, and `MANIFEST_THIN_FILE` for the manifest of a tree, whose images are in another file.
 */
export async function readPlainManifest(file: string, options: ReadTreeOptions = {}): Promise<Tree> {
  const path = resolve(file);
  const limits = { ...DEFAULT_INPUT_LIMITS, ...options.limits };
  const read = readBounded(path, { maxBytes: limits.maxBytes, followLinks: true });
  if (read.kind === 'absent' || read.kind === 'unreadable') {
    const reason = read.kind === 'absent' ? 'no such file' : read.reason;
    throw new ManifestError('MANIFEST_FILE_UNREADABLE', `cannot read the manifest ${path}: ${reason}`);
  }
  const name = basename(path, extname(path));
  const relative = basename(path);
  const manifest = await parseSourceFile(read, { file: relative, project: name, limits });
  refuseThinFile(path, manifest);
  const files = { name, manifestFile: relative, imagesFile: relative, manifest, images: manifest };
  const result = readPlainProject(files);
  const source = await directorySource(dirname(path));
  return finishTree({ source, projectNames: [name], findings: [], results: [result], isWholeTree: true }, options);
}

/** A manifest at its place in a tree names no images: read by itself it would promote nothing, without a word. */
function refuseThinFile(path: string, { document }: SourceFile): void {
  const directory = dirname(path);
  const isInTree = basename(path) === MANIFEST_FILE && basename(dirname(directory)) === 'manifests';
  if (!isInTree || document === null || fieldOf(document.root, 'images') !== undefined) return;
  const root = dirname(dirname(directory));
  const message = `${path} is the manifest of a tree: its images are in another file`;
  throw new ManifestError('MANIFEST_THIN_FILE', message, {
    hint: `Name the tree and the project in it: --manifests ${root} --project ${basename(directory)}`,
  });
}

async function readThin(source: TreeSource, name: string, limits: InputLimits): Promise<ReadProject> {
  const manifestFile = `manifests/${name}/${MANIFEST_FILE}`;
  const imagesFile = `images/${name}/${IMAGES_FILE}`;
  const manifest = await readSource(source, { file: manifestFile, project: name, limits });
  const images = await readSource(source, { file: imagesFile, project: name, limits });
  return readThinProject({ name, manifestFile, imagesFile, manifest, images });
}

async function readSource(
  source: TreeSource,
  options: { file: string; project: string; limits: InputLimits },
): Promise<SourceFile> {
  const read = await source.read(options.file, options.limits.maxBytes);
  const found = read.kind === 'absent' ? { kind: 'unreadable' as const, reason: 'gone while reading' } : read;
  return parseSourceFile(found, options);
}

interface UnfinishedTree {
  readonly source: TreeSource;
  readonly projectNames: readonly string[];
  readonly findings: readonly Finding[];
  readonly results: readonly ReadProject[];
  readonly isWholeTree: boolean;
}

async function finishTree(tree: UnfinishedTree, options: ReadTreeOptions): Promise<Tree> {
  const candidates = tree.results.map(({ project }) => project).filter((project) => project !== null);
  const conflicts = findProvenanceConflicts(candidates);
  const found = [...tree.findings, ...tree.results.flatMap(({ findings }) => findings), ...conflicts];
  const inConflict = new Set(conflicts.map(({ project }) => project));
  const baseline =
    options.baseline === undefined ? await readBaselineFrom(tree.source, options.limits) : options.baseline;
  const isRead = readFilesOf(tree);
  return {
    root: tree.source.root,
    projects: candidates.filter((project: Project) => !inConflict.has(project.name)),
    projectNames: tree.projectNames,
    findings: sortFindings(baseline === null ? found : applyBaseline(found, baseline, isRead)),
  };
}

/** Whether the findings of a file were looked for: baseline entries of other projects are not stale in a narrowed read. */
function readFilesOf(tree: UnfinishedTree): (file: string) => boolean {
  if (tree.isWholeTree) return () => true;
  const read = new Set(tree.results.flatMap(({ files }) => files));
  return (file) => read.has(file) || !/^(?:manifests|images)\//.test(file);
}
