// SPDX-License-Identifier: Apache-2.0
import {
  type Descriptor,
  type Digest,
  digestOf,
  type ManifestDocument,
  MAX_MANIFEST_BYTES,
  MEDIA_TYPES,
  parseManifestDocument,
} from '@promograph/oci';
import type { NewSignatureLayer } from '../signature-store.ts';
import { SigningError } from '../signing-error.ts';
import { SIGNATURE_ANNOTATION, SIMPLE_SIGNING_TYPE } from './evidence-media-types.ts';

const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const NEVER = '0001-01-01T00:00:00Z';

/** The layers of a `.sig` or `.att` image: all blobs but the config. */
export function layersOf(document: ManifestDocument): readonly Descriptor[] {
  return document.kind === 'manifest' ? document.blobs.slice(1) : [];
}

/** Config of a `.sig` or `.att` image, byte for byte as cosign writes it: one history entry and diff id per layer. */
export function signatureConfig(layers: readonly Digest[]): Buffer {
  const history = layers.map(() => ({ created: NEVER }));
  const rootfs = { type: 'layers', diff_ids: layers };
  return Buffer.from(JSON.stringify({ architecture: '', created: NEVER, history, os: '', rootfs, config: {} }));
}

/** Those of `layers` that `document` does not hold, each once. The same payload with another signature is another layer. */
export function missingLayers(
  document: ManifestDocument | null,
  layers: readonly NewSignatureLayer[],
): readonly NewSignatureLayer[] {
  const held = new Set((document === null ? [] : layersOf(document)).map((layer) => keyOf(layer.digest, layer)));
  return layers.filter((layer) => {
    const key = keyOf(digestOf(layer.bytes), layer);
    const isNew = !held.has(key);
    held.add(key);
    return isNew;
  });
}

function keyOf(digest: Digest, layer: Pick<Descriptor, 'annotations'>): string {
  return `${digest} ${layer.annotations[SIGNATURE_ANNOTATION] ?? ''}`;
}

/** A `.sig` image and its config, ready to be put. */
export interface SignatureManifest {
  readonly document: ManifestDocument;
  readonly config: Buffer;
}

/**
 * The `.sig` image with `added` behind the layers that are there, which stay as they are, whoever wrote them. Error:
 * `SIGNING_STORE` when it grows beyond what registries take.
 */
export function extendSignatures(
  current: ManifestDocument | null,
  added: readonly NewSignatureLayer[],
): SignatureManifest {
  const held = current === null ? null : (JSON.parse(Buffer.from(current.bytes).toString('utf8')) as RawManifest);
  const layers = [...(held?.layers ?? []), ...added.map(rawLayer)];
  const config = signatureConfig(layers.map(({ digest }) => digest));
  const mediaType = current?.mediaType ?? MEDIA_TYPES.ociManifest;
  const { schemaVersion: _version, mediaType: _type, config: heldConfig, layers: _layers, ...rest } = held ?? {};
  const raw = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: heldConfig?.mediaType ?? CONFIG_TYPE, size: config.length, digest: digestOf(config) },
    layers,
    ...rest,
  };
  const bytes = Buffer.from(JSON.stringify(raw));
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new SigningError('SIGNING_STORE', `${layers.length} signatures of one image need a manifest above 4 MiB`);
  }
  return { document: parseManifestDocument(bytes, mediaType), config };
}

/** A checked manifest as JSON: what is not named here is kept as it is. */
interface RawManifest {
  readonly schemaVersion?: number;
  readonly mediaType?: string;
  readonly config?: { readonly mediaType?: string };
  readonly layers?: readonly RawLayer[] | null;
}

interface RawLayer {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: Digest;
  readonly annotations?: Readonly<Record<string, string>>;
}

function rawLayer({ annotations, bytes }: NewSignatureLayer): RawLayer {
  return { mediaType: SIMPLE_SIGNING_TYPE, size: bytes.length, digest: digestOf(bytes), annotations };
}
