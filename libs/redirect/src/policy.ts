// SPDX-License-Identifier: Apache-2.0
import type { ContentRequest } from './request-form.ts';
import type { Takedowns } from './takedowns.ts';

/** A registry or object store that clients are sent to. Its address comes from configuration and nowhere else. */
export interface Backend {
  /** For metrics and logs: the region, `canonical`, `canonical-2`, or `<region>-blobs`. */
  readonly name: string;
  readonly kind: 'registry' | 'store';
  /** Canonical registries are never asked what they have. */
  readonly isCanonical: boolean;
  /** Everything in front of repository (or, in a store, digest), with a slash at the end. */
  readonly base: string;
  /** What a check asks for while nothing is known to be there. */
  readonly checkUrl: string;
  /** Place in `Policy.backends`. */
  readonly index: number;
}

/** An object store and whom it serves. */
export interface BlobStore {
  readonly backend: Backend;
  /** Labels of ranges, `aws:*` for several; null serves everybody. */
  readonly clients: readonly string[] | null;
}

/** A region as clients are placed in it. */
export interface RegionPolicy {
  readonly name: string;
  /** Registries in the order in which they serve, the region's own first. */
  readonly registries: readonly Backend[];
  readonly blobs: BlobStore | null;
}

/** How the region of a client is found. */
export interface PlacementPolicy {
  /** Region of all clients of this instance. */
  readonly fixed: string | null;
  readonly trustedHops: number;
  /** Lower case. */
  readonly header: string | null;
  /** Value of the header, in lower case, to region. */
  readonly headerRegions: ReadonlyMap<string, string>;
  /** Exact labels of ranges to region, and those that end in `*`, without it, longest first. */
  readonly labels: {
    readonly exact: ReadonlyMap<string, string>;
    readonly starts: readonly (readonly [string, string])[];
  };
  readonly fallback: string;
}

/** How registries are asked what they have. */
export interface ProbePolicy {
  readonly timeoutMs: number;
  readonly missForMs: number;
  readonly tagForMs: number;
  readonly perSecond: number;
  readonly canonicalPerSecond: number;
  readonly concurrency: number;
  readonly remember: number;
}

/** How registries are checked. */
export interface HealthPolicy {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly fall: number;
  readonly rise: number;
}

/** A configuration with its defaults, its names resolved and its addresses made. */
export interface Policy {
  readonly backends: readonly Backend[];
  readonly canonical: readonly Backend[];
  readonly regions: ReadonlyMap<string, RegionPolicy>;
  readonly placement: PlacementPolicy;
  /** Null: registries are not asked, and only the form of a request tells signatures. */
  readonly probe: ProbePolicy | null;
  readonly health: HealthPolicy;
  readonly takedowns: Takedowns;
  readonly pages: { readonly information: string | null; readonly privacy: string | null };
  readonly cacheControl: string;
}

/** What stands behind a backend's base for something that it has. Stores know blobs by digest alone. */
export function contentAt({ kind }: Backend, { path, reference }: ContentRequest): string {
  return kind === 'store' ? reference : path;
}
