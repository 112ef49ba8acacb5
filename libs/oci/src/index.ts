// SPDX-License-Identifier: Apache-2.0
export { digestAlgorithm, digestHex, digestOf, hashFor, hashMatches, isDigest, parseDigest } from './digest.ts';
export type { Digest, DigestAlgorithm } from './digest.ts';
export { MAX_MANIFEST_BYTES, parseManifestDocument } from './manifest-document.ts';
export type { Descriptor, ManifestDocument } from './manifest-document.ts';
export {
  MANIFEST_ACCEPT,
  MEDIA_TYPES,
  isImageManifestType,
  isIndexType,
  isNondistributableType,
  isPromotableType,
} from './media-types.ts';
export {
  isAtOrBelow,
  isLoopbackHost,
  isRegistryHost,
  isRepositoryPath,
  isTag,
  parseRepository,
  printRepository,
} from './names.ts';
export type { Repository } from './names.ts';
export { OciError } from './oci-error.ts';
export type { OciErrorCode } from './oci-error.ts';
export { parseReference, printReference } from './reference.ts';
export type { ImageReference } from './reference.ts';
