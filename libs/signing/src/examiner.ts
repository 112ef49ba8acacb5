// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { EvidencePiece } from './evidence.ts';
import type { Examination } from './examination.ts';
import type { ExpectedSigner } from './expected-signer.ts';

/** Checks evidence against the trusted roots and keys it was made with. Holds no policy. */
export interface Examiner {
  /** Never throws for bad evidence: that is a result. Results are remembered per layer, for the examiner's life. */
  examine(piece: EvidencePiece, repository: string): Promise<Examination>;
}

/** What a signature must be to count. */
export interface SignatureExpectation {
  readonly subject: Digest;
  readonly signers: readonly ExpectedSigner[];
  /** What a `.sig` must carry as docker-reference and a `sign/v1` statement as subject name; null where anything will do. */
  readonly reference: string | null;
  /** Annotations that must have been signed with it; more may be there. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What an attestation must be to count. */
export interface StatementExpectation extends SignatureExpectation {
  readonly predicateTypes: readonly string[];
}
