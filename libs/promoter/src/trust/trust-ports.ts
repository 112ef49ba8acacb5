// SPDX-License-Identifier: Apache-2.0
import type { TagLeaseStore } from '@promograph/limiter';
import type { SignatureFormat } from '@promograph/manifest';
import type { Examiner, ExpectedSigner, ImageSigner, SignatureStore } from '@promograph/signing';

/** What signing and attesting are done with. */
export interface TrustPorts {
  readonly signer: ImageSigner;
  /** The signer of verification summaries; null where none are written. */
  readonly summarySigner: ImageSigner | null;
  readonly store: SignatureStore;
  readonly examiner: Examiner;
  /** Keeps two runs from signing one digest at once, as far as its scope goes. */
  readonly leases: TagLeaseStore;
  readonly signal: AbortSignal | undefined;
}

/** What the configuration says about our own signatures. */
export interface OwnSignatures {
  /** Whose signature is ours: the signer of today first, then those still accepted. */
  readonly signers: readonly ExpectedSigner[];
  readonly summarySigners: readonly ExpectedSigner[];
  readonly formats: readonly SignatureFormat[];
}
