// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';

/** What a repository holds of what was asked. `unreadable` keeps the failure with the repository's edges. */
export interface RepositoryObservation {
  readonly state: 'read' | 'absent' | 'unreadable';
  /** Tag to the digest it resolves to. */
  readonly tags: ReadonlyMap<string, Digest>;
  /** Digests that are there, with their media type where the registry told it, else `''`. */
  readonly digests: ReadonlyMap<Digest, string>;
  /** Set where the host listed all that the repository holds: a tag that is not here is not there. */
  readonly isListed?: true;
  /** Why it could not be read; only with `unreadable`. Redacted, one line. */
  readonly failure?: { readonly code: string; readonly message: string };
}

/** Observations keyed by full repository, `host/path`: never split on known registries. */
export type Observations = ReadonlyMap<string, RepositoryObservation>;

/** A claim of another project on a `destination:tag` of this one, for the overlap check. */
export interface ForeignClaim {
  readonly destination: string;
  readonly tag: string;
  readonly digest: Digest;
  readonly project: string;
  /** `file:line:column`. */
  readonly at: string;
}
