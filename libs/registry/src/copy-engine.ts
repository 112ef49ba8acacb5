// SPDX-License-Identifier: Apache-2.0
import type { Digest, ManifestDocument, Repository } from '@promograph/oci';

/** A digest with everything below it, to be brought from one repository to others, under no tag. */
export interface CopyRequest {
  readonly source: Repository;
  readonly digest: Digest;
  readonly destinations: readonly Repository[];
  readonly signal?: AbortSignal;
  /**
   * Destinations that were just found to lack the digest: they are not asked for it again. Should it have come meanwhile, it is
   * written once more, which changes nothing.
   */
  readonly isAbsent?: (destination: Repository) => boolean;
  /** Told each destination as soon as it ended, so that a slow one holds no other back. */
  readonly onDestination?: (copy: DestinationCopy) => void;
  /**
   * Awaited at each destination that lacks the digest, when everything below it is there and before it is written itself:
   * what has no tag becomes public by that write. A rejection fails that destination.
   */
  readonly beforeRoot?: (destination: Repository) => Promise<void>;
}

/** How one destination ended. A failure stays with its destination. */
export interface DestinationCopy {
  readonly destination: Repository;
  readonly status: 'copied' | 'present' | 'failed';
  readonly error: unknown;
  /** Bytes streamed to, and mounted at, this destination. */
  readonly copiedBytes: number;
  readonly mountedBytes: number;
  readonly copiedBlobs: number;
  readonly mountedBlobs: number;
  readonly skippedBlobs: number;
}

/** The closure of a digest: children before their index, the requested document last. */
export interface Closure {
  readonly root: ManifestDocument;
  readonly documents: readonly ManifestDocument[];
}

/** A tag to be written at one destination where the digest already is. */
export interface TagRequest {
  readonly destination: Repository;
  readonly tag: string;
  readonly document: ManifestDocument;
  readonly signal?: AbortSignal;
}

/** What became of a tag: `moved` means that it points elsewhere and was left alone. */
export type TagOutcome =
  { readonly status: 'tagged' | 'present' } | { readonly status: 'moved'; readonly observed: Digest };

/** Copies closures and writes tags with the guarantees of a promotion: see `docs/explanation/promotion-flow.md`. */
export interface CopyEngine {
  /** Reads and checks the closure at the source: depth at most 3, at most 500 documents. */
  readClosure(source: Repository, digest: Digest, signal?: AbortSignal): Promise<Closure>;
  /** Blobs, then children, then the digest itself, at every destination; never a tag. One outcome per destination. */
  copy(request: CopyRequest): Promise<readonly DestinationCopy[]>;
  /** Lease, read, write, read back. Never moves a tag. */
  publishTag(request: TagRequest): Promise<TagOutcome>;
  /** Start and cancel of an upload: throws the registry's refusal, changes nothing. */
  tryWrite(destination: Repository, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
