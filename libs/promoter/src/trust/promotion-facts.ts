// SPDX-License-Identifier: Apache-2.0
import type { SummarySource } from '@promograph/provenance';
import type { BundleReferrer } from '@promograph/signing';

/** What is known of the promotion of one digest, for those who attest to it. */
export interface PromotionFacts {
  /** Repository that the digest comes from. */
  readonly source: string;
  /** All tags that the manifests give it at the canonical repository, sorted. */
  readonly tags: readonly string[];
  /** The file that names it, relative to the tree's root. */
  readonly imagesFile: string;
  /** Manifests of the policies that were asked; where there is none, the one that names the digest. */
  readonly manifestFiles: readonly string[];
  /** Staging attestations that the gate accepted and that are carried over. */
  readonly carried: readonly BundleReferrer[];
  /** What the policies said of each repository that the digest is promoted from. */
  readonly sources: readonly SummarySource[];
}
