// SPDX-License-Identifier: Apache-2.0
import { MEDIA_TYPES, type Descriptor, type ManifestDocument, type Repository } from '@promograph/oci';
import { digestOf, parseManifestDocument } from '@promograph/oci';
import type { FakeRegistries } from './fake-registry-client.ts';

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';

/** A descriptor as manifests write it. */
export interface RawDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
}

/** Bytes that are never twice the same for different names, and always the same for one. */
export function bytesNamed(name: string, length: number): Buffer {
  return Buffer.alloc(length, `${name}|`);
}

/** Puts an image of the named layers (and a config of its own) into a repository. */
export function putImage(
  registries: FakeRegistries,
  repository: Repository,
  layers: Readonly<Record<string, number>>,
): ManifestDocument {
  const config = putBlob(registries, repository, { name: `config of ${Object.keys(layers).join()}`, length: 300 });
  const blobs = Object.entries(layers).map(([name, length]) => putBlob(registries, repository, { name, length }));
  return putManifestJson(registries, repository, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { ...config, mediaType: CONFIG_TYPE },
    layers: blobs,
  });
}

/** Puts an index of the given documents into a repository. */
export function putIndex(
  registries: FakeRegistries,
  repository: Repository,
  children: readonly ManifestDocument[],
): ManifestDocument {
  const manifests = children.map((child) => ({
    mediaType: child.mediaType,
    digest: child.digest,
    size: child.bytes.length,
  }));
  return putManifestJson(registries, repository, { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests });
}

export function putBlob(
  registries: FakeRegistries,
  repository: Repository,
  { name, length }: { readonly name: string; readonly length: number },
): RawDescriptor {
  const bytes = bytesNamed(name, length);
  const digest = digestOf(bytes);
  registries.repository(repository).blobs.set(digest, bytes);
  return { mediaType: LAYER_TYPE, digest, size: length };
}

/** Stores any JSON as a manifest; the document is what a client would make of it. */
export function putManifestJson(
  registries: FakeRegistries,
  repository: Repository,
  json: { readonly mediaType: string; readonly [key: string]: unknown },
): ManifestDocument {
  const bytes = Buffer.from(JSON.stringify(json));
  registries.repository(repository).manifests.set(digestOf(bytes), { bytes, mediaType: json.mediaType });
  return parseManifestDocument(bytes, json.mediaType);
}

/** The first layer of an image. */
export function firstLayer(image: ManifestDocument): Descriptor {
  const [, layer] = image.blobs;
  if (layer === undefined) throw new Error('an image without layers');
  return layer;
}
