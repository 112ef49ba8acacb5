// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest, Repository } from '@promograph/oci';
import type { CallOptions } from '@promograph/registry';
import type { BundleReferrer, Evidence, SignatureLayer } from './evidence.ts';

/** Which evidence is read; what a listing showed to be absent need not be asked for. */
export interface EvidenceRequest {
  readonly signatures: boolean;
  readonly attestations: boolean;
  readonly referrers: boolean;
  /** False where a listing showed that the fallback tag of the referrers is not there: it is not asked for. */
  readonly fallbackTag?: boolean;
}

/** Digests of the manifests that hold evidence: what was there when it was listed. */
export interface EvidenceDigests {
  /** What the `.sig` tag pointed to; null where there was none, or none was asked for. */
  readonly sig: Digest | null;
  readonly att: Digest | null;
  /** Manifests that name the digest as their subject, of any kind; sorted. */
  readonly referrers: readonly Digest[];
}

/** A layer to be added to a `.sig` image. */
export type NewSignatureLayer = Pick<SignatureLayer, 'annotations' | 'bytes'>;

/** What a write came to; `present` means that everything was there already. */
export interface WriteOutcome {
  readonly status: 'written' | 'present';
  /** Digest of the manifest that now holds it. */
  readonly digest: Digest;
}

/** Reads and writes signatures and attestations beside images. Writes are merged, leased across processes and read back. */
export interface SignatureStore {
  /** Everything about one digest, every byte hashed. A repository or tag that is not there is no evidence, not an error. */
  gather(repository: Repository, subject: Digest, request: EvidenceRequest, options?: CallOptions): Promise<Evidence>;
  /** Exactly the named manifests; one that is gone is `unreadable`. */
  gatherExact(
    repository: Repository,
    subject: Digest,
    digests: EvidenceDigests,
    options?: CallOptions,
  ): Promise<Evidence>;
  /** What `gather` would read, as digests only. */
  listEvidence(
    repository: Repository,
    subject: Digest,
    request: EvidenceRequest,
    options?: CallOptions,
  ): Promise<EvidenceDigests>;
  /** Adds layers to the `.sig` image of `subject`; those that are there stay. */
  addSignatures(
    repository: Repository,
    subject: Digest,
    layers: readonly NewSignatureLayer[],
    options?: CallOptions,
  ): Promise<WriteOutcome>;
  /** Attaches a sigstore bundle to `subject`, which need not be there yet, as a referrer (API, or fallback tag). */
  attachBundle(
    repository: Repository,
    subject: Descriptor,
    bundle: NewBundle,
    options?: CallOptions,
  ): Promise<WriteOutcome>;
  /** Writes a referrer of `subject` that was read and verified elsewhere, byte for byte. */
  carryBundle(
    repository: Repository,
    subject: Digest,
    referrer: BundleReferrer,
    options?: CallOptions,
  ): Promise<WriteOutcome>;
}

/** A bundle to be attached. */
export interface NewBundle {
  readonly bytes: Buffer;
  /** Written as an annotation, for readers that look no further. */
  readonly predicateType: string;
}
