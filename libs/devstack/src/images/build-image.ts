// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { type DigestAlgorithm, MEDIA_TYPES } from '@promograph/oci';
import { type BuiltImage, type Content, contentOf, descriptorOf, jsonContent } from './built-image.ts';
import { pseudoRandomBytes } from './pseudo-random-bytes.ts';
import { type TarFile, writeTar } from './tar-writer.ts';

/** A layer: an archive of files, bytes of a size that depend on a seed, or bytes as they are. */
export type LayerSpec =
  | { readonly files: readonly TarFile[]; readonly mediaType?: string }
  | { readonly sizeBytes: number; readonly seed: string; readonly mediaType?: string }
  | { readonly bytes: Uint8Array; readonly mediaType?: string };

/** What `buildImage` makes; equal options give equal bytes on every machine. */
export interface ImageOptions {
  readonly layers: readonly LayerSpec[];
  /** `os/architecture[/variant]`. Default `linux/amd64`. */
  readonly platform?: string;
  /** Default `oci`. */
  readonly format?: 'oci' | 'docker';
  /** Bytes of the config, which then need not be an image's. */
  readonly config?: { readonly mediaType: string; readonly bytes: Uint8Array };
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: Content;
  readonly algorithm?: DigestAlgorithm;
}

/** What `buildIndex` makes of images and, nested, of indexes. */
export interface IndexOptions {
  readonly images: readonly BuiltImage[];
  readonly format?: 'oci' | 'docker';
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: Content;
  readonly algorithm?: DigestAlgorithm;
}

const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** Builds an image or artifact manifest with its config and layers. */
export function buildImage(options: ImageOptions): BuiltImage {
  const { format = 'oci', algorithm = 'sha256', platform = 'linux/amd64' } = options;
  const layers = options.layers.map((layer) => {
    return contentOf(layer.mediaType ?? (format === 'docker' ? DOCKER_LAYER : OCI_LAYER), bytesOf(layer), algorithm);
  });
  const config = options.config
    ? contentOf(options.config.mediaType, Buffer.from(options.config.bytes), algorithm)
    : jsonContent(format === 'docker' ? DOCKER_CONFIG : OCI_CONFIG, imageConfig(platform, layers), algorithm);
  const mediaType = format === 'docker' ? MEDIA_TYPES.dockerManifest : MEDIA_TYPES.ociManifest;
  const manifest = jsonContent(
    mediaType,
    {
      schemaVersion: 2,
      mediaType,
      artifactType: options.artifactType,
      config: descriptorOf(config),
      layers: layers.map(descriptorOf),
      subject: options.subject && descriptorOf(options.subject),
      annotations: options.annotations,
    },
    algorithm,
  );
  return { manifest, blobs: [config, ...layers], children: [], platform: options.config ? null : platform };
}

/** Builds an index of images, each under its platform. */
export function buildIndex(options: IndexOptions): BuiltImage {
  const { format = 'oci', algorithm = 'sha256', images } = options;
  const mediaType = format === 'docker' ? MEDIA_TYPES.dockerList : MEDIA_TYPES.ociIndex;
  const manifest = jsonContent(
    mediaType,
    {
      schemaVersion: 2,
      mediaType,
      artifactType: options.artifactType,
      manifests: images.map((image) => ({ ...descriptorOf(image.manifest), ...platformMember(image) })),
      subject: options.subject && descriptorOf(options.subject),
      annotations: options.annotations,
    },
    algorithm,
  );
  return { manifest, blobs: [], children: images, platform: null };
}

function bytesOf(layer: LayerSpec): Buffer {
  if ('files' in layer) return writeTar(layer.files);
  return 'bytes' in layer ? Buffer.from(layer.bytes) : pseudoRandomBytes(layer.seed, layer.sizeBytes);
}

function imageConfig(platform: string, layers: readonly Content[]): object {
  const diffIds = layers.map(({ bytes }) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  return {
    created: '1970-01-01T00:00:00Z',
    ...platformOf(platform),
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
}

function platformMember({ platform }: BuiltImage): object {
  return platform === null ? {} : { platform: platformOf(platform) };
}

function platformOf(platform: string): object {
  const [os, architecture, variant] = platform.split('/');
  return { architecture, os, ...(variant === undefined ? {} : { variant }) };
}
