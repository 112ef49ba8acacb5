// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import type { Examination, ExpectedSigner, SignerPrincipal } from '@promograph/signing';
import { BUILD_PROVENANCE_TYPES } from '../policy/build-provenance.ts';
import { claimedStatement } from '../policy/claimed-statement.ts';
import { findAttestations, printPlace } from '../policy/found-attestation.ts';
import { isSigner, matchedSigners, printPrincipal } from '../policy/match-signer.ts';
import type { ImageEvidence } from '../policy/policy-result.ts';
import { isAbout } from '../policy/statement-subject.ts';

/** What is found where no policy demands provenance. */
export interface IfPresent {
  /** Provenance that was tampered with in a trusted name, or is malformed: blocks. */
  readonly tampered: readonly string[];
  readonly warnings: readonly string[];
  /** Whether there is verified provenance of the digest, whoever signed it. */
  readonly hasProvenance: boolean;
}

/**
 * Verifies provenance where there is some. Foreign (by none of `signers`, where some are expected), about another image or by
 * unknown trust is a warning; only provenance of this image, or of its platform images, whose signature is refuted, or that
 * cannot be read, blocks. Where signers are expected, by these or by policies that warn, it blocks in their names alone: anybody
 * can write what does not verify. Attestations of other types are nobody's business here.
 */
export function checkIfPresent(
  image: ImageEvidence,
  signers: readonly ExpectedSigner[] = [],
  policies: readonly ProvenancePolicy[] = [],
): IfPresent {
  const isStranger = (signer: SignerPrincipal): boolean =>
    signers.length + policies.length > 0 &&
    !signers.some((expected) => isSigner(signer, expected)) &&
    !policies.some((policy) => matchedSigners(policy, signer).length > 0);
  const tampered: string[] = [];
  const warnings: string[] = [];
  let hasProvenance = false;
  for (const { examination, statement } of findAttestations(image)) {
    const { place, status, message, signer } = examination;
    if (statement !== null && !BUILD_PROVENANCE_TYPES.includes(statement.predicateType)) continue;
    const isForged = isTampered(examination, image);
    if (isForged && (signer === null || !isStranger(signer))) tampered.push(`${printPlace(place)}: ${message}`);
    else if (status !== 'verified') warnings.push(`${printPlace(place)} cannot be verified: ${message}`);
    else if (statement === null || !isAbout(statement, image.digest)) continue;
    else {
      hasProvenance = true;
      if (signers.length === 0 || signer === null || signers.some((expected) => isSigner(signer, expected))) continue;
      warnings.push(`${printPlace(place)} is provenance by ${printPrincipal(signer)}, who is not expected to sign`);
    }
  }
  return { tampered, warnings, hasProvenance };
}

/** Refuted by the trust at hand and meant for us: it names one of our digests, or says nothing readable at all. */
function isTampered({ status, piece }: Examination, image: ImageEvidence): boolean {
  if (status !== 'failed') return false;
  const claimed = claimedStatement(piece);
  if (claimed !== null) {
    const digests = [image.digest, ...image.children.map(({ digest }) => digest)];
    return claimed.payload !== null && digests.some((digest) => isAbout(claimed.statement, digest));
  }
  if (piece.layout === 'att') return true;
  return piece.layout === 'bundle' && BUILD_PROVENANCE_TYPES.includes(piece.annotatedType ?? '');
}
