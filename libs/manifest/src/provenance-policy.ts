// SPDX-License-Identifier: Apache-2.0

/** What a project demands of the build provenance of its images (`provenance:` in a promoter manifest). */
export interface ProvenancePolicy {
  readonly mode: 'off' | 'warn' | 'require';
  /** `sigstore::<issuer>::<identity>` or `sigstore(identityMatch=regex)::<issuer>::<regexp>`, verbatim. */
  readonly signers: readonly string[];
  readonly builders: readonly ProvenanceBuilder[];
  /** `host/organisation/repository`, without a ref. */
  readonly sources: readonly string[];
  readonly predicateTypes: readonly string[];
  /** SLSA build level required of every image: 0 means that all applicable controls must pass. */
  readonly level: 0 | 2 | 3;
  readonly levels: readonly ProvenanceLevel[];
}

/** A trusted builder, the level it is trusted for and, optionally, who signs for it and who may call it. */
export interface ProvenanceBuilder {
  readonly id: string;
  readonly level: 1 | 2 | 3;
  readonly signers: readonly string[];
  readonly caller: { readonly workflows: readonly string[]; readonly refs: readonly string[] } | null;
}

/** A stricter level for the images that match one of the patterns (relative to the source registry). */
export interface ProvenanceLevel {
  readonly images: readonly string[];
  readonly level: 2 | 3;
}
