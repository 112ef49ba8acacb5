// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf, type ManifestDocument, MEDIA_TYPES, parseManifestDocument } from '@promograph/oci';
import type { RegistryClient } from '@promograph/registry';
import { describe, expect, it } from 'vitest';
import { childrenOf } from './gate-children.ts';
import type { GateChild } from './gate-ports.ts';

/** A source that holds only indexes. */
class Indexes {
  readonly #documents = new Map<string, ManifestDocument>();
  asked = 0;

  /** An index of these digests, of other indexes where they are known. */
  put(...children: readonly Digest[]): Digest {
    const manifests = children.map((digest) => ({
      mediaType: this.#documents.has(digest) ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.ociManifest,
      digest,
      size: 100,
    }));
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
    const document = parseManifestDocument(Buffer.from(JSON.stringify(index)), MEDIA_TYPES.ociIndex);
    this.#documents.set(document.digest, document);
    return document.digest;
  }

  forget(digest: Digest): void {
    this.#documents.delete(digest);
  }

  below(digest: Digest, levels: number): Promise<readonly GateChild[]> {
    const getManifest = async (_: unknown, reference: string): Promise<ManifestDocument | null> => {
      this.asked += 1;
      return this.#documents.get(reference) ?? null;
    };
    const client = { getManifest } as unknown as RegistryClient;
    return childrenOf({ source: 'host.example/app', digest }, levels, { client, seen: new Map(), signal: undefined });
  }
}

const image = (name: string): Digest => digestOf(`the image ${name}`);

describe('childrenOf', () => {
  it('asks no more than the index where one level is wanted', async () => {
    const source = new Indexes();
    const nested = source.put(image('a'));

    expect(await source.below(source.put(nested, image('b')), 1)).toEqual([
      { digest: nested, isDirect: true, isIndex: false },
      { digest: image('b'), isDirect: true, isIndex: false },
    ]);
    expect(source.asked).toBe(1);
  });

  it('goes as deep as it may, and takes what lies there for an image that needs a scan', async () => {
    const source = new Indexes();
    const [fourth] = [source.put(image('too deep'))];
    const third = source.put(fourth);
    const second = source.put(third);

    expect(await source.below(source.put(second), 3)).toEqual([
      { digest: second, isDirect: true, isIndex: true },
      { digest: third, isDirect: false, isIndex: true },
      { digest: fourth, isDirect: false, isIndex: false },
    ]);
  });

  it('takes an index that is not there, or names nothing, for an image that needs a scan', async () => {
    const source = new Indexes();
    const [gone, empty] = [source.put(image('a')), source.put()];
    const root = source.put(gone, empty);
    source.forget(gone);

    expect((await source.below(root, 3)).map(({ isIndex }) => isIndex)).toEqual([false, false]);
  });

  it('tells what two indexes name once, as direct where the image itself names it', async () => {
    const source = new Indexes();
    const [one, two] = [source.put(image('a'), image('b')), source.put(image('b'))];

    expect(await source.below(source.put(one, two, image('a')), 3)).toEqual([
      { digest: one, isDirect: true, isIndex: true },
      { digest: two, isDirect: true, isIndex: true },
      { digest: image('a'), isDirect: true, isIndex: false },
      { digest: image('b'), isDirect: false, isIndex: false },
    ]);
  });

  it('refuses more than any copy would take', async () => {
    const source = new Indexes();
    const many = Array.from({ length: 501 }, (_, index) => image(`number ${index}`));

    await expect(source.below(source.put(...many), 3)).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
  });
});
