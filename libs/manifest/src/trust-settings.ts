// SPDX-License-Identifier: Apache-2.0

/** An exact name, or a regular expression (RE2 syntax) that must match the whole name. */
export type NameSetting = string | { readonly regexp: string };

/** Whose signatures are accepted: a certificate's subject and issuer, or the public key in a PEM file. */
export type SignerSetting = { readonly subject: NameSetting; readonly issuer: NameSetting } | { readonly key: string };

/** Who signs: the certificate must say exactly this. */
export interface IdentitySetting {
  readonly subject: string;
  readonly issuer: string;
}

/** Where identity tokens come from: exactly one source, never a race. */
export type TokenSetting = 'github' | 'env' | 'file' | 'metadata' | 'impersonate';

/** A rewrite of the canonical repository into the name that users pull: all up to and including `contains` becomes `to`. */
export interface ReferenceRule {
  readonly contains: string;
  readonly to: string;
}

/** Layouts of signatures: `legacy` is the `.sig` tag, `bundle` a referrer. */
export type SignatureFormat = 'legacy' | 'bundle';

/** `signing:` of `promograph.yaml`. Paths are relative to that file. */
export interface SigningSettings {
  /** Null when `key` signs. */
  readonly identity: IdentitySetting | null;
  /** Still accepted on what is already signed. */
  readonly previousIdentities: readonly SignerSetting[];
  readonly token: TokenSetting | null;
  /** Only with `token: file`. */
  readonly tokenFile: string | null;
  /** Service account to impersonate; only with `token: impersonate`. */
  readonly account: string | null;
  /** PEM or cosign's encrypted key file; its password comes from COSIGN_PASSWORD. */
  readonly key: string | null;
  /** PEM of its public part, which is all that verifying needs; null derives it from `key`. Only with `key`. */
  readonly publicKey: string | null;
  /** Prefix `host/path` of the destinations that hold signatures. */
  readonly canonical: string;
  readonly references: readonly ReferenceRule[];
  /** Null when not written down: both, less `legacy` where the log is Rekor v2. */
  readonly formats: readonly SignatureFormat[] | null;
  /** Sigstore signing config; null takes the one of the TUF repository. */
  readonly config: string | null;
  /** Sigstore trusted roots; empty takes the one of the TUF repository. */
  readonly trustedRoots: readonly string[];
  /** TUF repository; null is the public good one. */
  readonly tuf: { readonly mirror: string; readonly root: string } | null;
  /** Whether digests without a tag are signed. */
  readonly tagless: boolean;
  /** Signatures in flight at once. */
  readonly concurrency: number;
}

/** `staging:`: which signatures of the source count, and whether they must be there. */
export interface StagingSettings {
  readonly signatures: 'off' | 'if-present' | 'require';
  readonly identities: readonly SignerSetting[];
}

/** `attest:`: what is said about a promotion. */
export interface AttestSettings {
  /** Whether the section is written down: then every promoted image is expected to have a promotion record. */
  readonly isConfigured: boolean;
  /** Predicate type of the promotion record. */
  readonly predicateType: string;
  /** `verifier.id` of verification summaries; without it none are written. */
  readonly verifierId: string | null;
  readonly summaries: 'off' | 'on';
  /** Another signer for summaries; null is the signer of `signing`. */
  readonly identity: IdentitySetting | null;
  /** Service account of that signer, with `token: impersonate`. */
  readonly account: string | null;
}

/** `scan:`: the vulnerability gate. */
export interface ScanSettings {
  readonly adapter: 'attestations' | 'containeranalysis';
  /** 0 (unknown) to 5 (critical), as the existing promoter numbers severities: findings at or above it refuse. */
  readonly threshold: number;
  readonly fixableOnly: boolean;
  /** Oldest attestation that counts, milliseconds. */
  readonly maxAgeMs: number;
  /** Who may attest to scans; only with `adapter: attestations`. */
  readonly identities: readonly SignerSetting[];
  /** Other address of the service, for private endpoints. */
  readonly endpoint: string | null;
  /** Whether an image without a finished scan is refused. */
  readonly require: boolean;
}

/** `replicate:`: copying of signatures to the other destinations, for fleets without a redirector. */
export interface ReplicateSettings {
  readonly referrers: boolean;
  /** Copies in flight at once. */
  readonly concurrency: number;
}
