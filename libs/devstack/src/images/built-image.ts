// SPDX-License-Identifier: Apache-2.0
import { type Digest, type DigestAlgorithm, digestOf } from '@promograph/oci';

/** Bytes with their descriptor. */
export interface Content {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly bytes: Buffer;
}

/** An image, index or artifact with all that is below it. */
export interface BuiltImage {
  readonly manifest: Content;
  /** Config and layers; empty for an index. */
  readonly blobs: readonly Content[];
  /** What an index names; empty for a manifest. */
  readonly children: readonly BuiltImage[];
  /** `os/architecture` of an image; null for an index or an artifact. */
  readonly platform: string | null;
}

/** Describes bytes. */
export function contentOf(mediaType: string, bytes: Buffer, algorithm: DigestAlgorithm = 'sha256'): Content {
  return { mediaType, digest: digestOf(bytes, algorithm), sizeBytes: bytes.length, bytes };
}

/** Serialises JSON content; members that are undefined are left out. */
export function jsonContent(mediaType: string, value: object, algorithm: DigestAlgorithm = 'sha256'): Content {
  return contentOf(mediaType, Buffer.from(JSON.stringify(value)), algorithm);
}

/** The descriptor of content as manifests write it. */
export function descriptorOf({ mediaType, digest, sizeBytes }: Content): {
  mediaType: string;
  digest: string;
  size: number;
} {
  return { mediaType, digest, size: sizeBytes };
}
