// SPDX-License-Identifier: Apache-2.0
import { printableText } from './printable-text.ts';
import type { Finding } from './finding.ts';
import { makeFinding } from './finding.ts';
import type { ImageEntry, Project, RegistryEntry } from './model.ts';
import { type Field, type MappingShape, offsetOf } from './node-reader.ts';
import { notePatternsWithoutImage, type PlacedPolicy, readProvenance } from './read-provenance.ts';
import { readImages } from './read-images.ts';
import { readRegistries, type RegistryList } from './read-registries.ts';
import { findingsOf, type SourceFile } from './source-file.ts';

/** `imagesPath` is accepted and unused. */
const THIN: MappingShape = { what: 'a promoter manifest', keys: ['registries', 'imagesPath', 'provenance'] };
const PLAIN: MappingShape = { what: 'a plain manifest', keys: ['registries', 'images', 'provenance'] };
/** Longest repository path that registries accept. */
const MAX_REPOSITORY_LENGTH = 255;

/** A project's two files; the same one twice for a plain manifest. */
export interface ProjectFiles {
  readonly name: string;
  readonly manifestFile: string;
  readonly imagesFile: string;
  readonly manifest: SourceFile;
  readonly images: SourceFile;
}

/** The project, or null when a fatal finding makes it unusable, with all findings of its files. */
export interface ReadProject {
  readonly project: Project | null;
  readonly findings: readonly Finding[];
  /** The files that were read. */
  readonly files: readonly string[];
}

/** Reads a thin project: the manifest's mapping and the bare list of images. */
export function readThinProject(files: ProjectFiles): ReadProject {
  const content = readManifest(files.manifest, THIN);
  const { document, reader } = files.images;
  const images = document === null ? [] : readImages(reader, document.root, 0);
  return finish(files, content, images);
}

/** Reads a plain manifest, which has registries and images in one mapping. */
export function readPlainProject(files: ProjectFiles): ReadProject {
  const content = readManifest(files.manifest, PLAIN);
  const field = content?.fields.get('images');
  const images = field === undefined ? [] : readImages(files.manifest.reader, field.value, field.key.offset);
  return finish(files, content, images);
}

interface ManifestContent {
  readonly fields: ReadonlyMap<string, Field>;
  readonly registries: RegistryList;
  readonly provenance: PlacedPolicy | null;
}

function readManifest(file: SourceFile, shape: MappingShape): ManifestContent | null {
  if (file.document === null) return null;
  const { reader } = file;
  const { root } = file.document;
  const at = offsetOf(root, 0);
  const fields = root === null ? new Map<string, Field>() : reader.fields(root, at, shape);
  if (fields === null) return null;
  reader.text(fields.get('imagesPath'), 'imagesPath');
  const registries = readRegistries(reader, fields.get('registries'), at);
  return { fields, registries, provenance: readProvenance(reader, fields.get('provenance')) };
}

function finish(files: ProjectFiles, content: ManifestContent | null, images: readonly ImageEntry[]): ReadProject {
  if (content?.provenance) notePatternsWithoutImage(files.manifest.reader, content.provenance, images);
  const own = new Set([...findingsOf(files.manifest), ...findingsOf(files.images)]);
  const source = content?.registries.source ?? null;
  const findings = [...own];
  const readFiles = [printableText(files.manifestFile), printableText(files.imagesFile)];
  if (content === null || source === null || findings.some((finding) => finding.isFatal)) {
    return { project: null, findings, files: readFiles };
  }
  const { destinations } = content.registries;
  const tooLong = notePathLengths(files.name, images, [source, ...destinations]);
  findings.push(...tooLong.values());
  const project: Project = {
    name: files.name,
    manifestFile: printableText(files.manifestFile),
    imagesFile: printableText(files.imagesFile),
    manifestSha256: files.manifest.sha256,
    imagesSha256: files.images.sha256,
    source,
    destinations,
    images: images.filter((image) => !tooLong.has(image)),
    provenance: content.provenance?.policy ?? null,
  };
  return { project, findings, files: readFiles };
}

function notePathLengths(
  project: string,
  images: readonly ImageEntry[],
  registries: readonly RegistryEntry[],
): Map<ImageEntry, Finding> {
  const longest = Math.max(...registries.map(({ name }) => (name.includes('/') ? name.length - name.indexOf('/') : 0)));
  const findings = new Map<ImageEntry, Finding>();
  for (const image of images) {
    if (longest + image.name.length <= MAX_REPOSITORY_LENGTH) continue;
    const message = `repository path of ${longest + image.name.length} characters: ${image.name}`;
    findings.set(image, makeFinding('repository-too-long', image.at, { message, value: image.name, project }));
  }
  return findings;
}
