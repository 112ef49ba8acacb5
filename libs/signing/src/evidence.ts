// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '@promograph/oci';

/** One layer of a cosign `.sig` image: a simple signing payload and its annotations. */
export interface SignatureLayer {
  readonly layout: 'sig';
  readonly manifest: Digest;
  readonly layer: Digest;
  readonly annotations: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** One layer of a cosign `.att` image: a DSSE envelope (or a bare in-toto statement) and its annotations. */
export interface AttestationLayer {
  readonly layout: 'att';
  readonly manifest: Digest;
  readonly layer: Digest;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** A sigstore bundle attached as a referrer. */
export interface BundleReferrer {
  readonly layout: 'bundle';
  readonly manifest: Digest;
  /** Bytes of the referrer's manifest, so that it can be carried digest-identically. */
  readonly manifestBytes: Buffer;
  readonly layer: Digest;
  /** The predicate type that the annotation claims: unsigned, for reports only. */
  readonly annotatedType: string | null;
  readonly bytes: Buffer;
}

/** One piece of evidence; every byte was hashed against its digest when it was read. */
export type EvidencePiece = SignatureLayer | AttestationLayer | BundleReferrer;

/** Everything that one repository holds about one digest. */
export interface Evidence {
  readonly repository: Repository;
  readonly subject: Digest;
  readonly pieces: readonly EvidencePiece[];
  /** Set when there is more than the limits let in: then nothing may be concluded, and the verdict is `EVIDENCE_LIMIT`. */
  readonly excess: string | null;
  /** Referrers that could not be read or are malformed: recorded, never counted as evidence. */
  readonly unreadable: readonly { readonly location: string; readonly message: string }[];
}
