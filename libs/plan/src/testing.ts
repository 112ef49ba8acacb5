// SPDX-License-Identifier: Apache-2.0
import type { ImageEntry, Project, RegistryEntry } from '@promograph/manifest';
import { type Digest, MEDIA_TYPES } from '@promograph/oci';
import type { Observations, RepositoryObservation } from './observation.ts';

/** Image name to digest to tags, as in an images.yaml. A list of pairs lets names repeat. */
export type ImagesShape =
  | Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  | readonly (readonly [string, Readonly<Record<string, readonly string[]>>])[];

/** What a test says of a project. */
export interface ProjectShape {
  readonly name?: string;
  readonly source?: string;
  readonly destinations?: readonly string[];
  readonly images: ImagesShape;
}

/** A digest of 64 times the same hexadecimal digits, for tests: `digest('a1')`. */
export function digest(hex: string): Digest {
  return `sha256:${hex.repeat(64).slice(0, 64)}` as Digest;
}

/** A checked project for tests, with positions that tell lines apart. Digests are given as short hex and repeated. */
export function projectOf(shape: ProjectShape): Project {
  const name = shape.name ?? 'p';
  const file = `images/${name}/images.yaml`;
  let line = 0;
  const entries: readonly (readonly [string, Readonly<Record<string, readonly string[]>>])[] = isPairs(shape.images)
    ? shape.images
    : Object.entries(shape.images);
  const images: ImageEntry[] = entries.map(([image, digests]) => ({
    name: image,
    at: { file, line: ++line, column: 3 },
    digests: Object.entries(digests).map(([hex, tags]) => {
      const at = { file, line: ++line, column: 5 };
      return { digest: digest(hex), at, tags: tags.map((tag, index) => ({ tag, at: { ...at, column: 80 + index } })) };
    }),
  }));
  return {
    name,
    manifestFile: `manifests/${name}/promoter-manifest.yaml`,
    imagesFile: file,
    manifestSha256: '0'.repeat(64),
    imagesSha256: '1'.repeat(64),
    source: registryOf(shape.source ?? 'gcr.io/foo', true),
    destinations: (shape.destinations ?? ['gcr.io/bar', 'gcr.io/cat']).map((registry) => registryOf(registry, false)),
    images,
    provenance: null,
  };
}

/** A repository's content for tests: short hex to tags. */
export type ContentShape = Readonly<Record<string, readonly string[]>>;

/** Observations for tests: repository to its content, `'absent'`, or `{ failure }` for an unreadable one. */
export function observe(
  shape: Readonly<Record<string, ContentShape | 'absent' | { readonly failure: string }>>,
): Observations {
  return new Map(Object.entries(shape).map(([repository, content]) => [repository, observationOf(content)]));
}

function observationOf(content: ContentShape | 'absent' | { readonly failure: string }): RepositoryObservation {
  const nothing = { tags: new Map<string, Digest>(), digests: new Map<Digest, string>() };
  if (content === 'absent') return { state: 'absent', ...nothing };
  if (isFailure(content)) {
    return { state: 'unreadable', ...nothing, failure: { code: 'REGISTRY_UNREACHABLE', message: content.failure } };
  }
  const shape = content;
  const held = Object.entries(shape);
  return {
    state: 'read',
    tags: new Map(held.flatMap(([hex, tags]) => tags.map((tag) => [tag, digest(hex)] as const))),
    digests: new Map(held.map(([hex]) => [digest(hex), MEDIA_TYPES.ociManifest])),
  };
}

function isFailure(content: ContentShape | { readonly failure: string }): content is { readonly failure: string } {
  return typeof content['failure'] === 'string';
}

function isPairs(
  images: ImagesShape,
): images is readonly (readonly [string, Readonly<Record<string, readonly string[]>>])[] {
  return Array.isArray(images);
}

function registryOf(name: string, isSource: boolean): RegistryEntry {
  return { name, isSource, serviceAccount: null, at: { file: 'promoter-manifest.yaml', line: 2, column: 3 } };
}
