// SPDX-License-Identifier: Apache-2.0
import {
  type Descriptor,
  type Digest,
  digestOf,
  type ManifestDocument,
  MEDIA_TYPES,
  parseManifestDocument,
} from '@promograph/oci';
import type { BundleReferrer } from '../evidence.ts';
import type { NewBundle } from '../signature-store.ts';
import { BUNDLE_TYPE, BUNDLE_TYPE_PREFIX, PREDICATE_TYPE_ANNOTATION } from './evidence-media-types.ts';
import { layersOf } from './signature-manifest.ts';

/** The config blob of every referrer that is no image. */
export const EMPTY_CONFIG: Buffer = Buffer.from('{}');
const EMPTY_DIGEST: Digest = digestOf(EMPTY_CONFIG);

/** The referrer that attaches `bundle` to `subject`, in the field order of cosign 3. */
export function bundleManifest(
  subject: Pick<Descriptor, 'mediaType' | 'sizeBytes' | 'digest'>,
  bundle: NewBundle,
  created: Date,
): ManifestDocument {
  const raw = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: {
      mediaType: MEDIA_TYPES.ociEmpty,
      size: EMPTY_CONFIG.length,
      digest: EMPTY_DIGEST,
      artifactType: BUNDLE_TYPE,
    },
    layers: [{ mediaType: BUNDLE_TYPE, size: bundle.bytes.length, digest: digestOf(bundle.bytes) }],
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      [PREDICATE_TYPE_ANNOTATION]: bundle.predicateType,
      'org.opencontainers.image.created': created.toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    subject: { mediaType: subject.mediaType, size: subject.sizeBytes, digest: subject.digest },
    artifactType: BUNDLE_TYPE,
  };
  return parseManifestDocument(Buffer.from(JSON.stringify(raw)), MEDIA_TYPES.ociManifest);
}

/** Whether a referrer has anything to do with sigstore; the rest (SBOMs, documents) is not evidence of any kind. */
export function isAboutBundle(document: ManifestDocument): boolean {
  return [document.artifactType ?? '', ...layersOf(document).map(({ mediaType }) => mediaType)].some(isBundleType);
}

/** The bundle that a referrer of `subject` holds, or why it holds none. */
export function bundleLayerOf(document: ManifestDocument, subject: Digest): Descriptor | string {
  if (document.subject?.digest !== subject) return `its subject is ${document.subject?.digest ?? 'not named'}`;
  const [layer, ...more] = layersOf(document);
  if (layer === undefined || more.length > 0) return 'it has not exactly one layer';
  if (!isBundleType(layer.mediaType) || layer.isForeign) return `its layer is ${layer.mediaType}, not a bundle`;
  return layer;
}

/**
 * Why a referrer that was read elsewhere is not carried to another repository, or null when it is exactly a bundle about
 * `subject` with the empty config and, where it is annotated, with `predicateType`.
 */
export function carryRefusal(referrer: BundleReferrer, subject: Digest, predicateType: string | null): string | null {
  const { annotatedType, bytes, layer, manifest, manifestBytes } = referrer;
  if (digestOf(manifestBytes) !== manifest || digestOf(bytes) !== layer)
    return 'its bytes are not what its digests say';
  let document: ManifestDocument;
  try {
    document = parseManifestDocument(manifestBytes, MEDIA_TYPES.ociManifest);
  } catch {
    return 'it is not an OCI image manifest';
  }
  const found = bundleLayerOf(document, subject);
  if (typeof found === 'string') return found;
  if (document.artifactType !== found.mediaType) return `its artifact type is ${document.artifactType ?? 'not named'}`;
  if (document.blobs[0]?.digest !== EMPTY_DIGEST) return 'its config is not the empty one';
  if (found.digest !== layer || found.sizeBytes !== bytes.length) return 'its layer is another than the one verified';
  const isAnnotated = annotatedType !== null && predicateType !== null;
  return isAnnotated && annotatedType !== predicateType ? `it is annotated as ${annotatedType}` : null;
}

function isBundleType(mediaType: string): boolean {
  return mediaType.startsWith(BUNDLE_TYPE_PREFIX);
}
