// SPDX-License-Identifier: Apache-2.0
import { type ManifestDocument, MEDIA_TYPES } from '@promograph/oci';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewSignatureLayer } from '../signature-store.ts';
import { bundleManifest } from './bundle-manifest.ts';
import { SIGNATURE_ANNOTATION } from './evidence-media-types.ts';
import { withReferrer } from './referrers-index.ts';
import { extendSignatures, layersOf, missingLayers } from './signature-manifest.ts';
import { bundleNamed, layerNamed } from './store-world.testing.ts';

const NAMES = fc.constantFrom('a', 'b', 'c', 'd');
/** Writers one after the other, each with some layers; payloads are shared, signatures are not. */
const WRITERS = fc.array(fc.array(fc.tuple(NAMES, NAMES), { maxLength: 4 }), { maxLength: 6 });

function merged(current: ManifestDocument | null, layers: readonly NewSignatureLayer[]): ManifestDocument | null {
  const missing = missingLayers(current, layers);
  return missing.length === 0 ? current : extendSignatures(current, missing).document;
}

function signaturesIn(document: ManifestDocument | null): (string | undefined)[] {
  return (document === null ? [] : layersOf(document)).map(({ annotations }) => annotations[SIGNATURE_ANNOTATION]);
}

describe('merging signatures', () => {
  it('keeps every layer once, in the order in which they came, whoever wrote when', () => {
    fc.assert(
      fc.property(WRITERS, (writers) => {
        let document: ManifestDocument | null = null;
        const came = new Set<string>();
        for (const writer of writers) {
          const before = signaturesIn(document);
          const layers = writer.map(([signature, payload]) => layerNamed(`${signature} over ${payload}`, payload));
          document = merged(document, layers);
          for (const layer of layers) came.add(layer.annotations[SIGNATURE_ANNOTATION] ?? '');
          expect(signaturesIn(document).slice(0, before.length)).toEqual(before);
          expect(merged(document, layers)).toBe(document);
        }
        expect(signaturesIn(document)).toEqual([...came]);
      }),
    );
  });
});

describe('merging referrers', () => {
  it('comes to the same index in every order, with each referrer once', () => {
    const subject = { mediaType: MEDIA_TYPES.ociManifest, sizeBytes: 1, digest: bundleOf('subject').digest };
    const referrers = ['a', 'b', 'c', 'd', 'e'].map((name) => bundleManifest(subject, bundleNamed(name), new Date(0)));
    const indexed = (order: readonly ManifestDocument[]): ManifestDocument | null =>
      order.reduce<ManifestDocument | null>(withReferrer, null);
    const expected = indexed(referrers)?.digest;

    fc.assert(
      fc.property(fc.shuffledSubarray([...referrers, ...referrers], { minLength: 10 }), (order) => {
        const index = indexed(order);
        expect(index?.digest).toBe(expected);
        expect(index?.children).toHaveLength(referrers.length);
      }),
    );
  });
});

function bundleOf(name: string): ManifestDocument {
  const digest = extendSignatures(null, [layerNamed(name)]).document.digest;
  return bundleManifest({ mediaType: MEDIA_TYPES.ociManifest, sizeBytes: 1, digest }, bundleNamed(name), new Date(0));
}
