// SPDX-License-Identifier: Apache-2.0

/** Media type of a layer with a simple signing payload. */
export const SIMPLE_SIGNING_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';

/** Media type and artifact type of the sigstore bundles that are written. */
export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** How the media types of all versions of sigstore bundles begin. */
export const BUNDLE_TYPE_PREFIX = 'application/vnd.dev.sigstore.bundle';

/** Annotation with the signature over a simple signing payload, base64. */
export const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';

/** Annotation with the predicate type that a bundle is said to hold: unsigned. */
export const PREDICATE_TYPE_ANNOTATION = 'dev.sigstore.bundle.predicateType';
