// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest, ManifestDocument } from '@promograph/oci';
import type { EvidencePiece } from '../evidence.ts';
import { bundleLayerOf, isAboutBundle } from './bundle-manifest.ts';
import type { EvidenceLimits } from './evidence-limits.ts';
import { PREDICATE_TYPE_ANNOTATION, SIMPLE_SIGNING_TYPE } from './evidence-media-types.ts';
import { layersOf } from './signature-manifest.ts';

/** A piece of evidence whose content is still to be read. */
export interface FoundPiece {
  readonly layout: EvidencePiece['layout'];
  /** The manifest that holds it. */
  readonly manifest: Digest;
  readonly layer: Descriptor;
  readonly with: (bytes: Buffer) => EvidencePiece;
}

/** The pieces of a `.sig` or `.att` image, or why there are none. */
export function piecesOfImage(document: ManifestDocument, layout: 'sig' | 'att'): readonly FoundPiece[] | string {
  if (document.kind !== 'manifest') return `what is tagged .${layout} is ${document.mediaType}`;
  const layers = layersOf(document).filter(({ isForeign }) => !isForeign);
  const manifest = document.digest;
  if (layout === 'att') {
    return layers.map((layer) => ({
      layout,
      manifest,
      layer,
      with: (bytes) => ({ layout, manifest, layer: layer.digest, mediaType: layer.mediaType, ...read(layer, bytes) }),
    }));
  }
  return layers
    .filter(({ mediaType }) => mediaType === SIMPLE_SIGNING_TYPE)
    .map((layer) => ({
      layout,
      manifest,
      layer,
      with: (bytes) => ({ layout, manifest, layer: layer.digest, ...read(layer, bytes) }),
    }));
}

function read(layer: Descriptor, bytes: Buffer): Pick<EvidencePiece & { layout: 'sig' }, 'annotations' | 'bytes'> {
  return { annotations: layer.annotations, bytes };
}

/** The bundle of a referrer, or why there is none; nothing where the referrer is no bundle and does not claim to be one. */
export function piecesOfBundle(document: ManifestDocument, subject: Digest): readonly FoundPiece[] | string {
  if (!isAboutBundle(document)) return [];
  const layer = bundleLayerOf(document, subject);
  if (typeof layer === 'string') return layer;
  const { annotations, bytes: manifestBytes, digest: manifest } = document;
  const annotatedType = annotations[PREDICATE_TYPE_ANNOTATION] ?? null;
  const piece: FoundPiece = {
    layout: 'bundle',
    manifest,
    layer,
    with: (bytes) => ({
      layout: 'bundle',
      manifest,
      manifestBytes: Buffer.from(manifestBytes),
      layer: layer.digest,
      annotatedType,
      bytes,
    }),
  };
  return [piece];
}

/** Why this is more evidence than is looked at, or null. Sizes are those of the descriptors, which every read checks. */
export function excessOf(pieces: readonly FoundPiece[], limits: EvidenceLimits): string | null {
  for (const layout of ['sig', 'att'] as const) {
    const count = pieces.filter((piece) => piece.layout === layout).length;
    if (count > limits.layers) return `${count} layers under the .${layout} tag, more than ${limits.layers}`;
  }
  let total = 0;
  for (const { layer, layout } of pieces) {
    const most = layout === 'sig' ? limits.signatureBytes : limits.attestationBytes;
    if (layer.sizeBytes > most) return `${layer.digest} has ${layer.sizeBytes} bytes, more than ${most}`;
    total += layer.sizeBytes;
  }
  return total > limits.totalBytes ? `${total} bytes of evidence, more than ${limits.totalBytes}` : null;
}
