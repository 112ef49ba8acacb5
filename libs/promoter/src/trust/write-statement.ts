// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type ManifestDocument, parseRepository } from '@promograph/oci';
import { printStatement } from '@promograph/provenance';
import type { WrittenEvidence } from '@promograph/report';
import type { ImageSigner, Statement } from '@promograph/signing';
import type { SigningTarget } from './sign-digest.ts';
import type { TrustPorts } from './trust-ports.ts';

/** Signs a statement about a digest and attaches it at the canonical repository. */
export async function writeStatement(
  { place, document }: SigningTarget,
  statement: Statement,
  { signer, store, signal }: Pick<TrustPorts, 'store' | 'signal'> & { readonly signer: ImageSigner },
): Promise<WrittenEvidence> {
  const { predicateType } = statement;
  const { bundle, log } = await signer.signStatement(printStatement(statement), signal);
  const { digest } = await store.attachBundle(
    parseRepository(place.repository),
    descriptorOf(document),
    { bytes: bundle, predicateType },
    writing(signal),
  );
  return { layout: 'bundle', digest, predicateType, ...(log !== null && { log }) };
}

/** How evidence is written: it finishes what a copy began. */
export function writing(signal: AbortSignal | undefined): {
  readonly priority: 'commit';
  readonly signal?: AbortSignal;
} {
  return { priority: 'commit', ...(signal && { signal }) };
}

/** A document as what a referrer names. */
function descriptorOf({ digest, mediaType, bytes }: ManifestDocument): Descriptor {
  return {
    mediaType,
    digest,
    sizeBytes: bytes.byteLength,
    artifactType: null,
    platform: null,
    annotations: {},
    isForeign: false,
  };
}
