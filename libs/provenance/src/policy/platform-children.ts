// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, isPromotableType, type ManifestDocument } from '@promograph/oci';

const REFERENCE_TYPE = 'vnd.docker.reference.type';

/**
 * The platform images and indexes directly below an index: not the manifests in which BuildKit keeps attestations, which are
 * annotated as such and made for the platform `unknown/unknown`. Empty for an image.
 */
export function platformChildren(document: ManifestDocument): readonly Descriptor[] {
  const seen = new Set<string>();
  return document.children.filter((child) => {
    if (!isPromotableType(child.mediaType) || isBuildKitAttestation(child) || seen.has(child.digest)) return false;
    seen.add(child.digest);
    return true;
  });
}

function isBuildKitAttestation({ annotations, platform }: Descriptor): boolean {
  return annotations[REFERENCE_TYPE] === 'attestation-manifest' && platform === 'unknown/unknown';
}
