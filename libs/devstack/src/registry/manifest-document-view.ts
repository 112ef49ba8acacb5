// SPDX-License-Identifier: Apache-2.0
import type { ManifestRecord } from './repository-state.ts';

/** A descriptor as far as a registry cares. */
export interface RawDescriptor {
  readonly digest: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly hasUrls: boolean;
}

/** What a registry reads out of a manifest; members it does not know are none of its business. */
export interface ManifestView {
  readonly schemaVersion: unknown;
  readonly mediaType: string | null;
  readonly children: readonly RawDescriptor[];
  readonly blobs: readonly RawDescriptor[];
  readonly record: Pick<ManifestRecord, 'artifactType' | 'annotations' | 'subject' | 'contentBytes'>;
}

/** Reads the JSON of a manifest; null when it is not a JSON object. */
export function viewManifest(bytes: Uint8Array): ManifestView | null {
  const json = parseObject(bytes);
  if (json === null) return null;
  const config = descriptor(json['config']);
  const layers = descriptors(json['layers']);
  const blobs = config === null ? layers : [config, ...layers];
  const isIndex = Array.isArray(json['manifests']);
  return {
    schemaVersion: json['schemaVersion'],
    mediaType: text(json['mediaType']),
    children: descriptors(json['manifests']),
    blobs,
    record: {
      artifactType: text(json['artifactType']) ?? (isIndex ? null : (config?.mediaType ?? null)),
      annotations: isObject(json['annotations']) ? (json['annotations'] as Record<string, string>) : null,
      subject: descriptor(json['subject'])?.digest ?? null,
      contentBytes: blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0),
    },
  };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function descriptors(value: unknown): RawDescriptor[] {
  return Array.isArray(value) ? value.map(descriptor).filter((found) => found !== null) : [];
}

function descriptor(value: unknown): RawDescriptor | null {
  if (!isObject(value)) return null;
  const { digest, mediaType, size, urls } = value;
  return {
    digest: text(digest) ?? '',
    mediaType: text(mediaType) ?? '',
    sizeBytes: typeof size === 'number' ? size : 0,
    hasUrls: Array.isArray(urls) && urls.length > 0,
  };
}
