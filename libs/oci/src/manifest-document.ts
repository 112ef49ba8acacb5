// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { type Digest, digestOf, isDigest } from './digest.ts';
import { isImageManifestType, isIndexType, isNondistributableType } from './media-types.ts';
import { OciError } from './oci-error.ts';

/** Largest manifest that any registry must accept, and the largest that is read (distribution-spec: 4 MiB). */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024;

/** Content by digest, as manifests name it (image-spec, "OCI Content Descriptors"); `sizeBytes` is its `size`. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly artifactType: string | null;
  readonly platform: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  /** The blob lives elsewhere by declaration: its descriptor is copied, its bytes are not. */
  readonly isForeign: boolean;
}

/** A manifest as received: the exact bytes, what they hash to, and the checked view of what is below. */
export interface ManifestDocument {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly kind: 'manifest' | 'index';
  readonly artifactType: string | null;
  /** Manifests of an index; empty for an image manifest. */
  readonly children: readonly Descriptor[];
  /** Config and layers of an image manifest; empty for an index. */
  readonly blobs: readonly Descriptor[];
  readonly subject: Descriptor | null;
  readonly annotations: Readonly<Record<string, string>>;
}

const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: z.string(),
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).optional(),
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).nullish(),
  platform: z
    .looseObject({ os: z.string().optional(), architecture: z.string().optional(), variant: z.string().optional() })
    .nullish(),
});

const documentSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: descriptorSchema.optional(),
  layers: z.array(descriptorSchema).nullish(),
  manifests: z.array(descriptorSchema).nullish(),
  subject: descriptorSchema.nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

/**
 * Reads manifest bytes. `contentType` is the registry's header (parameters are ignored). Errors, all about documents that
 * two readers could take differently: `OCI_INVALID_MANIFEST` for no JSON, a media type that differs from the header, both
 * `manifests` and `layers`, or a malformed descriptor; `OCI_UNSUPPORTED_MEDIA_TYPE` for what a promoter cannot copy whole.
 * `algorithm` is that of the digest by which the document was asked for.
 */
export function parseManifestDocument(
  bytes: Uint8Array,
  contentType: string,
  algorithm: 'sha256' | 'sha512' = 'sha256',
): ManifestDocument {
  const document = readDocument(bytes);
  const header = (contentType.split(';')[0] ?? '').trim();
  const mediaType = document.mediaType ?? header;
  if (document.mediaType !== undefined && header !== '' && document.mediaType !== header) {
    throw invalid(`media type ${document.mediaType} differs from the Content-Type ${header}`);
  }
  if (document.manifests && (document.layers || document.config)) {
    throw invalid('a document with both manifests and layers is neither an image nor an index');
  }
  const kind = kindOf(mediaType);
  return {
    bytes,
    digest: digestOf(bytes, algorithm),
    mediaType,
    kind,
    artifactType: document.artifactType ?? document.config?.mediaType ?? null,
    children: kind === 'index' ? (document.manifests ?? []).map(descriptorOf) : [],
    blobs: kind === 'manifest' ? blobsOf(document) : [],
    subject: document.subject ? descriptorOf(document.subject) : null,
    annotations: document.annotations ?? {},
  };
}

type RawDocument = z.infer<typeof documentSchema>;

function readDocument(bytes: Uint8Array): RawDocument {
  if (bytes.length > MAX_MANIFEST_BYTES) throw invalid(`larger than ${MAX_MANIFEST_BYTES} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new OciError('OCI_INVALID_MANIFEST', 'invalid manifest: not JSON', { cause });
  }
  const parsed = documentSchema.safeParse(json);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  return parsed.data;
}

function kindOf(mediaType: string): 'manifest' | 'index' {
  if (isIndexType(mediaType)) return 'index';
  if (isImageManifestType(mediaType)) return 'manifest';
  throw new OciError(
    'OCI_UNSUPPORTED_MEDIA_TYPE',
    `unsupported media type: ${mediaType === '' ? '(none)' : mediaType}`,
  );
}

function blobsOf(document: RawDocument): Descriptor[] {
  if (!document.config) throw invalid('an image manifest without a config');
  return [document.config, ...(document.layers ?? [])].map(descriptorOf);
}

function descriptorOf(raw: z.infer<typeof descriptorSchema>): Descriptor {
  if (!isDigest(raw.digest)) throw invalid(`invalid digest: ${raw.digest}`);
  const { platform } = raw;
  const parts = platform ? [platform.os, platform.architecture, platform.variant].filter((part) => part) : [];
  return {
    mediaType: raw.mediaType,
    digest: raw.digest,
    sizeBytes: raw.size,
    artifactType: raw.artifactType ?? null,
    platform: parts.length === 0 ? null : parts.join('/'),
    annotations: raw.annotations ?? {},
    isForeign: (raw.urls?.length ?? 0) > 0 || isNondistributableType(raw.mediaType),
  };
}

function invalid(what: string): OciError {
  return new OciError('OCI_INVALID_MANIFEST', `invalid manifest: ${what}`);
}
