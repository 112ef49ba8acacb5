// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { Tree } from '../src/index.ts';

/** Images without places. */
export interface PlainImage {
  readonly name: string;
  readonly digests: readonly { readonly digest: string; readonly tags: readonly { readonly tag: string }[] }[];
}

const digest = fc.stringMatching(/^sha256:[0-9a-f]{64}$/);
// Texts that YAML 1.1 or 1.2 readers take for something else are as likely as any.
const awkward = ['1.10', '007', 'yes', 'no', 'null', 'true', '0x1F', '1e3', '2022-01-31', '_', '1_000', 'n'];
const tag = fc.oneof(fc.constantFrom(...awkward), fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/));
const component = fc.oneof(fc.constantFrom('null', '1', 'yes', 'a--b', 'a__b'), fc.stringMatching(/^[a-z0-9]{1,8}$/));
const name = fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

/** Valid images: names may repeat, digests are unique in an entry, tags in a digest. */
export const arbitraryImages: fc.Arbitrary<PlainImage[]> = fc.array(
  fc.record({
    name,
    digests: fc.uniqueArray(
      fc.record({
        digest,
        tags: fc.uniqueArray(tag, { maxLength: 4 }).map((tags) => tags.map((text) => ({ tag: text }))),
      }),
      { selector: (entry) => entry.digest, minLength: 1, maxLength: 4 },
    ),
  }),
  { maxLength: 6 },
);

/** The images of the first project, without places. */
export function plainImages(tree: Tree): PlainImage[] {
  return (tree.projects[0]?.images ?? []).map((image) => ({
    name: image.name,
    digests: image.digests.map((entry) => ({
      digest: entry.digest,
      tags: entry.tags.map(({ tag: text }) => ({ tag: text })),
    })),
  }));
}

/** The same images with entries, digests and tags in another order. */
export function shuffled(images: readonly PlainImage[], random: Iterable<number>): PlainImage[] {
  const numbers = random[Symbol.iterator]();
  const mix = <T>(list: readonly T[]): T[] => {
    const keyed = list.map((item) => ({ item, key: numbers.next().value as number }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  };
  const mixTags = (entry: PlainImage['digests'][number]): PlainImage['digests'][number] => ({
    ...entry,
    tags: mix(entry.tags),
  });
  return mix(images).map((image) => ({ ...image, digests: mix(image.digests).map(mixTags) }));
}
