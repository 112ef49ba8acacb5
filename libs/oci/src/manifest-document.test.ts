// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  digestOf,
  isNondistributableType,
  isPromotableType,
  MANIFEST_ACCEPT,
  MAX_MANIFEST_BYTES,
  MEDIA_TYPES,
  type ManifestDocument,
  parseManifestDocument,
} from './index.ts';

const descriptor = (text: string, mediaType: string): Record<string, unknown> => ({
  mediaType,
  digest: digestOf(text),
  size: text.length,
});
const config = descriptor('{}', 'application/vnd.oci.image.config.v1+json');
const layer = descriptor('layer', 'application/vnd.oci.image.layer.v1.tar');
const image = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers: [layer] };
const index = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.ociIndex,
  manifests: [
    { ...descriptor('child', MEDIA_TYPES.ociManifest), platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
  ],
};

const read = (document: unknown, contentType = ''): ManifestDocument =>
  parseManifestDocument(new TextEncoder().encode(JSON.stringify(document)), contentType);

describe('parseManifestDocument', () => {
  it('reads an image manifest: config first, then layers, under the digest of the exact bytes', () => {
    const bytes = new TextEncoder().encode(JSON.stringify(image, null, 3));
    const document = parseManifestDocument(bytes, `${MEDIA_TYPES.ociManifest}; charset=utf-8`);

    expect(document).toMatchObject({
      kind: 'manifest',
      digest: digestOf(bytes),
      children: [],
      subject: null,
      annotations: {},
    });
    expect(document.blobs.map(({ digest }) => digest)).toEqual([config['digest'], layer['digest']]);
    expect(document.artifactType).toBe('application/vnd.oci.image.config.v1+json');
    expect(parseManifestDocument(bytes, '', 'sha512').digest).toBe(digestOf(bytes, 'sha512'));
  });

  it('reads an index: its children with their platforms, no blobs', () => {
    const document = read(index);

    expect(document).toMatchObject({ kind: 'index', blobs: [] });
    expect(document.children).toMatchObject([{ platform: 'linux/arm/v7', isForeign: false, sizeBytes: 5 }]);
  });

  it('takes the media type from the header when the document has none, as Docker lists may', () => {
    const { mediaType: _dropped, ...bare } = index;

    expect(read(bare, MEDIA_TYPES.dockerList)).toMatchObject({ kind: 'index', mediaType: MEDIA_TYPES.dockerList });
  });

  it('keeps subject, artifact type and annotations of a referrer', () => {
    const document = read({
      ...image,
      artifactType: 'application/vnd.example',
      subject: descriptor('subject', MEDIA_TYPES.ociManifest),
      annotations: { a: 'b' },
    });

    expect(document).toMatchObject({ artifactType: 'application/vnd.example', annotations: { a: 'b' } });
    expect(document.subject?.digest).toBe(digestOf('subject'));
  });

  it('marks layers that live elsewhere', () => {
    const foreign = { ...layer, urls: ['https://example.org/layer'] };
    const windows = { ...layer, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' };

    const { blobs } = read({ ...image, layers: [layer, foreign, windows] });
    expect(blobs.map(({ isForeign }) => isForeign)).toEqual([false, false, true, true]);
  });

  it.each<[string, unknown, string, string]>([
    ['a type that differs from the header', image, MEDIA_TYPES.dockerManifest, 'OCI_INVALID_MANIFEST'],
    ['both manifests and layers', { ...index, layers: [layer] }, '', 'OCI_INVALID_MANIFEST'],
    ['both manifests and a config', { ...index, config }, '', 'OCI_INVALID_MANIFEST'],
    ['an image without a config', { ...image, config: undefined }, '', 'OCI_INVALID_MANIFEST'],
    ['a malformed digest', { ...image, config: { ...config, digest: 'sha256:0' } }, '', 'OCI_INVALID_MANIFEST'],
    ['a negative size', { ...image, config: { ...config, size: -1 } }, '', 'OCI_INVALID_MANIFEST'],
    ['schema version 1', { ...image, schemaVersion: 1 }, '', 'OCI_INVALID_MANIFEST'],
    ['a list', [image], '', 'OCI_INVALID_MANIFEST'],
    [
      'an artifact manifest',
      { ...image, mediaType: 'application/vnd.oci.artifact.manifest.v1+json' },
      '',
      'OCI_UNSUPPORTED_MEDIA_TYPE',
    ],
    ['no media type at all', { ...image, mediaType: undefined }, '', 'OCI_UNSUPPORTED_MEDIA_TYPE'],
  ])('refuses %s', (...[, document, contentType, code]) => {
    expect(() => read(document, contentType)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses bytes that are no JSON, no UTF-8, or too many', () => {
    const texts = [
      new TextEncoder().encode('{'),
      Uint8Array.of(0x22, 0xff, 0x22),
      new Uint8Array(MAX_MANIFEST_BYTES + 1),
    ];

    for (const bytes of texts) {
      expect(() => parseManifestDocument(bytes, MEDIA_TYPES.ociManifest)).toThrow(
        expect.objectContaining({ code: 'OCI_INVALID_MANIFEST' }),
      );
    }
  });
});

describe('media types', () => {
  it.each([
    [MEDIA_TYPES.ociManifest, true],
    [MEDIA_TYPES.ociIndex, true],
    [MEDIA_TYPES.dockerManifest, true],
    [MEDIA_TYPES.dockerList, true],
    [MEDIA_TYPES.dockerSchema1, false],
    [MEDIA_TYPES.dockerSchema1Signed, false],
    ['application/vnd.oci.artifact.manifest.v1+json', false],
    ['', false],
  ])('%s can be promoted: %s', (mediaType, isPromotable) => {
    expect(isPromotableType(mediaType)).toBe(isPromotable);
    expect(MANIFEST_ACCEPT.split(', ').includes(mediaType)).toBe(isPromotable);
  });

  it('that registries need not hold are told apart', () => {
    expect(isNondistributableType('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip')).toBe(true);
    expect(isNondistributableType('application/vnd.oci.image.layer.v1.tar+gzip')).toBe(false);
  });
});
