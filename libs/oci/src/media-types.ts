// SPDX-License-Identifier: Apache-2.0

/** Media types of manifests that a promoter accepts, and of the parts it knows. */
export const MEDIA_TYPES = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerSchema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  octetStream: 'application/octet-stream',
} as const;

const MANIFESTS: readonly string[] = [MEDIA_TYPES.ociManifest, MEDIA_TYPES.dockerManifest];
const INDEXES: readonly string[] = [MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerList];

/** The Accept header of every manifest request: without it docker-registry answers 404 to an OCI manifest. */
export const MANIFEST_ACCEPT: string = [...INDEXES, ...MANIFESTS].join(', ');

/** Whether `mediaType` is an image manifest (OCI or Docker v2). */
export function isImageManifestType(mediaType: string): boolean {
  return MANIFESTS.includes(mediaType);
}

/** Whether `mediaType` is an index (OCI) or manifest list (Docker). */
export function isIndexType(mediaType: string): boolean {
  return INDEXES.includes(mediaType);
}

/** Whether a promoter can copy `mediaType` with everything below it. */
export function isPromotableType(mediaType: string): boolean {
  return isImageManifestType(mediaType) || isIndexType(mediaType);
}

/** Layers that registries need not hold: foreign and nondistributable ones, whose descriptor alone is copied. */
export function isNondistributableType(mediaType: string): boolean {
  return /\.(?:foreign|nondistributable)\./.test(mediaType);
}
