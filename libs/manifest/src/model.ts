// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { Finding } from './finding.ts';
import type { Position } from './position.ts';
import type { ProvenancePolicy } from './provenance-policy.ts';

/** A registry entry of a promoter manifest: `name` is `host` or `host/prefix`, without a trailing slash. */
export interface RegistryEntry {
  readonly name: string;
  readonly isSource: boolean;
  /** Parsed and unused: the existing promoter ignores it too. */
  readonly serviceAccount: string | null;
  readonly at: Position;
}

/** A tag and where it stands. */
export interface TagEntry {
  readonly tag: string;
  readonly at: Position;
}

/** A digest of an image with its tags; no tags means that it is promoted by digest alone. */
export interface DigestEntry {
  readonly digest: Digest;
  readonly tags: readonly TagEntry[];
  readonly at: Position;
}

/** One `{name, dmap}` entry. Names may repeat in a file; entries stay apart and in file order. */
export interface ImageEntry {
  readonly name: string;
  readonly digests: readonly DigestEntry[];
  readonly at: Position;
}

/** A checked project: what may be promoted from one source registry to its destinations. */
export interface Project {
  /** The directory's name, also the Nx project's; for a plain manifest the file's name without extension. */
  readonly name: string;
  /** Paths relative to the tree root, with `/`. Equal for a plain manifest. */
  readonly manifestFile: string;
  readonly imagesFile: string;
  /** sha256 (hex) of each file's bytes. */
  readonly manifestSha256: string;
  readonly imagesSha256: string;
  readonly source: RegistryEntry;
  readonly destinations: readonly RegistryEntry[];
  readonly images: readonly ImageEntry[];
  readonly provenance: ProvenancePolicy | null;
}

/** A promotion tree as read: the usable projects in lexical order, and every finding in file order. */
export interface Tree {
  /** Absolute path of the directory that holds `manifests` and `images`, or of a plain manifest's directory. */
  readonly root: string;
  readonly projects: readonly Project[];
  /** Names of all projects seen, also those that a fatal finding made unusable. */
  readonly projectNames: readonly string[];
  readonly findings: readonly Finding[];
}
