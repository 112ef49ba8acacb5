// SPDX-License-Identifier: Apache-2.0
import type { RepositoryState } from './repository-state.ts';

/** A digest in Artifact Registry's `tags/list`: 64-bit numbers are strings, as its JSON mapping writes them. */
export interface GoogleManifest {
  readonly imageSizeBytes: string;
  readonly layerId: string;
  readonly mediaType: string;
  readonly tag: readonly string[];
  readonly timeCreatedMs: string;
  readonly timeUploadedMs: string;
}

/** The extension's members of `tags/list`. */
export interface GoogleListing {
  /** Names directly below this repository. */
  readonly child: readonly string[];
  readonly manifest: Readonly<Record<string, GoogleManifest>>;
}

/** Describes a repository; `names` are all repositories of the host. Null when it neither exists nor has children. */
export function googleListing(
  name: string,
  state: RepositoryState | undefined,
  names: Iterable<string>,
): GoogleListing | null {
  const child = childrenOf(name, names);
  if (!state && child.length === 0) return null;
  const manifest: Record<string, GoogleManifest> = {};
  const tags = Map.groupBy(state?.tags ?? [], ([, digest]) => digest);
  for (const [digest, { mediaType, contentBytes, uploadedMs }] of state?.manifests ?? []) {
    manifest[digest] = {
      imageSizeBytes: String(contentBytes),
      layerId: '',
      mediaType,
      tag: (tags.get(digest) ?? []).map(([tag]) => tag).sort(),
      timeCreatedMs: String(uploadedMs),
      timeUploadedMs: String(uploadedMs),
    };
  }
  return { child, manifest };
}

/** The names directly below `name`, sorted. */
export function childrenOf(name: string, names: Iterable<string>): string[] {
  const prefix = `${name}/`;
  const children = new Set<string>();
  for (const other of names) {
    if (other.startsWith(prefix)) children.add(other.slice(prefix.length).split('/', 1)[0] ?? '');
  }
  return [...children].sort();
}
