// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream';
import type { Priority } from '@promograph/limiter';
import type { Descriptor, Digest, ManifestDocument, Repository } from '@promograph/oci';

/** How one call may be cancelled and how urgent it is. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Default `scan` for reads, `upload` for blob writes, `manifest` for manifest writes. */
  readonly priority?: Priority;
}

/** How referrers are listed. */
export interface ReferrersOptions extends CallOptions {
  /** Whether the fallback tag is asked for where the host has no API. Default true. */
  readonly fallbackTag?: boolean;
}

/** What a HEAD of a manifest tells. `sizeBytes` is null where the host does not say. */
export interface ManifestHead {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number | null;
}

/** A blob on its way: `body` yields exactly the stored bytes, not yet verified; the reader must consume or destroy it. */
export interface BlobStream {
  readonly body: Readable;
  readonly sizeBytes: number | null;
}

/** An open upload: opaque to callers; each answer of the registry replaces its location. */
export interface UploadSession {
  readonly repository: Repository;
  readonly location: URL;
}

/** Answer to the start of an upload; `isPlain` where a mount was asked for, and the upload was started without one. */
export type UploadStart =
  { readonly kind: 'mounted' } | { readonly kind: 'started'; readonly session: UploadSession; readonly isPlain?: true };

/** Answer to a blob that was sent with the start of its upload; `unsupported` where the host is known not to take it. */
export type BlobPost =
  | { readonly kind: 'written' }
  | { readonly kind: 'started'; readonly session: UploadSession }
  | { readonly kind: 'unsupported' };

/** All that a repository holds, as far as the host can tell it in one listing. */
export interface RepositoryContents {
  readonly tags: ReadonlyMap<string, Digest>;
  /** Digest to media type (`''` where unknown). */
  readonly digests: ReadonlyMap<Digest, string>;
  /** Paths of repositories directly below, relative to this one; only Google-style hosts tell. */
  readonly children: readonly string[];
  /** Whether the host listed all that it holds: what is not here is not there. */
  readonly isComplete: boolean;
}

/** What a registry said to a manifest that was put. */
export interface ManifestPut {
  /** `OCI-Subject`: the registry lists the manifest among the referrers of this digest by itself; null where it said nothing. */
  readonly subject: Digest | null;
}

/** Tags of a repository with what each points to; null values on hosts that tell only names. */
export interface TagInventory {
  readonly tags: ReadonlyMap<string, Digest | null>;
  /** Whether the host listed all: what is not here is not there. */
  readonly isComplete: boolean;
  /** All manifests, tagged or not; null on hosts that tell only names. */
  readonly digests: ReadonlySet<Digest> | null;
  /** When each digest was uploaded, milliseconds since 1970; null on hosts that do not tell. */
  readonly uploadedMs: ReadonlyMap<Digest, number> | null;
}

/** What the manifests name in a repository, so that hosts without a map need no more than a HEAD for each. */
export interface ObservationRequest {
  readonly tags: readonly string[];
  readonly digests: readonly Digest[];
}

/**
 * One OCI registry client for every host: authentication, limiter, retries, redirects and timeouts are inside. "Not there"
 * is null or false; every failure is a `RegistryError` whose `code` tells what to do.
 */
export interface RegistryClient {
  headManifest(repository: Repository, reference: string, options?: CallOptions): Promise<ManifestHead | null>;
  /** Bytes are hashed: a `reference` that is a digest must match, else `REGISTRY_DIGEST_MISMATCH`. */
  getManifest(repository: Repository, reference: string, options?: CallOptions): Promise<ManifestDocument | null>;
  /**
   * Puts the exact bytes. After an unknown outcome it asks the registry before it tries again; a referrer put by its digest
   * is put again instead, because only that answer tells whether the registry lists it.
   */
  putManifest(
    repository: Repository,
    reference: string,
    document: ManifestDocument,
    options?: CallOptions,
  ): Promise<ManifestPut>;

  hasBlob(repository: Repository, digest: Digest, options?: CallOptions): Promise<boolean>;
  openBlob(repository: Repository, blob: Descriptor, options?: CallOptions): Promise<BlobStream>;
  /** Starts an upload; with `mount` the registry may take the blob from another of its own repositories instead. */
  startUpload(
    repository: Repository,
    options?: CallOptions & { readonly mount?: { readonly digest: Digest; readonly from: string } },
  ): Promise<UploadStart>;
  /**
   * Sends a small blob with the start of its upload, in one request, where the host takes it so: learnt from the first answer.
   * Where it does not, the upload is started, or nothing was asked.
   */
  postBlob(repository: Repository, blob: Descriptor, bytes: Uint8Array, options?: CallOptions): Promise<BlobPost>;
  /** Sends the whole blob in one request with its length, and closes the session. Not retried: the body is spent. */
  finishUpload(session: UploadSession, blob: Descriptor, body: Readable, options?: CallOptions): Promise<void>;
  /** Ends a session that will not be finished; failures are ignored. */
  cancelUpload(session: UploadSession, options?: CallOptions): Promise<void>;

  /**
   * What of the request is there: one listing where the host tells digests (Google), else a HEAD per tag and per digest
   * that no tag showed; where tags are missing, a page of names spares their HEADs, and may be a moment behind. Null when a
   * host that tells digests says that the repository does not exist.
   */
  observe(
    repository: Repository,
    request: ObservationRequest,
    options?: CallOptions,
  ): Promise<RepositoryContents | null>;
  /** Everything the repository holds: the Google map, else all tags with a HEAD each. Null when it does not exist. */
  listRepository(repository: Repository, options?: CallOptions): Promise<RepositoryContents | null>;
  /** Names of all tags, paging followed. Null when the repository does not exist. */
  listTags(repository: Repository, options?: CallOptions): Promise<readonly string[] | null>;
  /** Names of all tags, with their digests where the listing tells them: no request beside it. Null when it does not exist. */
  listTagDigests(repository: Repository, options?: CallOptions): Promise<TagInventory | null>;
  /** Repository paths of a host from `_catalog`, or null when the host has none. */
  listCatalog(host: string, options?: CallOptions): Promise<readonly string[] | null>;
  /** Referrers by the API, or by the fallback tag where the host has no API. */
  listReferrers(repository: Repository, subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>;

  /** Ends all connections. */
  close(): Promise<void>;
}

/** What happened on the wire, for progress lines and closing summaries. Never holds a secret. */
export type RegistryEvent =
  | { readonly type: 'credential'; readonly host: string; readonly source: string }
  | { readonly type: 'retry'; readonly host: string; readonly reason: string; readonly delayMs: number }
  | { readonly type: 'wait'; readonly host: string; readonly waitedMs: number }
  | { readonly type: 'request'; readonly host: string; readonly method: string; readonly status: number | null }
  | { readonly type: 'warning'; readonly host: string; readonly message: string };
