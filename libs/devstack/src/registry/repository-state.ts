// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';

/** What a registry remembers of a manifest beside its bytes. */
export interface ManifestRecord {
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** Sum of config and layer sizes; 0 for an index. */
  readonly contentBytes: number;
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>> | null;
  readonly subject: string | null;
  readonly uploadedMs: number;
}

/** One change of a repository; the journal is a list of these. */
export type Change = { readonly repository: string } & (
  | { readonly op: 'blob'; readonly digest: Digest; readonly sizeBytes: number }
  | { readonly op: 'delete-blob'; readonly digest: Digest }
  | { readonly op: 'manifest'; readonly digest: Digest; readonly manifest: ManifestRecord }
  | { readonly op: 'delete-manifest'; readonly digest: Digest }
  | { readonly op: 'tag'; readonly tag: string; readonly digest: Digest }
  | { readonly op: 'delete-tag'; readonly tag: string }
);

/** Blobs (with their size in bytes), manifests and tags of one repository. */
export interface RepositoryState {
  readonly blobs: Map<Digest, number>;
  readonly manifests: Map<Digest, ManifestRecord>;
  readonly tags: Map<string, Digest>;
}

/** A repository with nothing in it. */
export function emptyRepository(): RepositoryState {
  return { blobs: new Map(), manifests: new Map(), tags: new Map() };
}

/** Carries out one change. Deleting a manifest deletes its tags. */
export function applyChange(state: RepositoryState, change: Change): void {
  switch (change.op) {
    case 'blob':
      state.blobs.set(change.digest, change.sizeBytes);
      return;
    case 'delete-blob':
      state.blobs.delete(change.digest);
      return;
    case 'manifest':
      state.manifests.set(change.digest, change.manifest);
      return;
    case 'delete-manifest':
      state.manifests.delete(change.digest);
      for (const [tag, digest] of state.tags) if (digest === change.digest) state.tags.delete(tag);
      return;
    case 'tag':
      state.tags.set(change.tag, change.digest);
      return;
    case 'delete-tag':
      state.tags.delete(change.tag);
  }
}
