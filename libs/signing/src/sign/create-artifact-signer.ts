// SPDX-License-Identifier: Apache-2.0
import type { SignerCounts } from '../image-signer.ts';
import type { ArtifactResult } from '../verify/verify-artifact-bundle.ts';
import { judgeOwn } from './self-check.ts';
import { artifactBundle } from './signed-bundle.ts';
import { SigningEngine, type SigningEngineOptions } from './signing-engine.ts';

/** What a signer of files is made of. */
export interface ArtifactSignerOptions extends SigningEngineOptions {
  /** Whether the bundle signs the file: nothing is returned that it refuses. */
  readonly verify: (bundle: Buffer, artifact: Buffer) => ArtifactResult;
}

/** Signs files as sigstore bundles v0.3 with a message signature. Fails with `SigningError`. */
export interface ArtifactSigner {
  /** JSON bytes of the bundle, verified. */
  sign(artifact: Buffer, signal?: AbortSignal): Promise<Buffer>;
  counts(): SignerCounts;
  close(): Promise<void>;
}

/** A signer of files for one identity or key. Error `SIGNING_CONFIG` when its signatures could never be verified. */
export function createArtifactSigner(options: ArtifactSignerOptions): ArtifactSigner {
  const engine = new SigningEngine(options);
  return {
    sign: (artifact, signal) =>
      engine.sign(
        {
          request: { bytes: artifact, envelopeOf: null, logs: options.services.logs },
          finish: (content) => artifactBundle(artifact, content),
          check: async (bundle, principal) => judgeOwn(options.verify(bundle, artifact), principal),
        },
        signal,
      ),
    counts: () => engine.counts(),
    close: () => engine.close(),
  };
}
