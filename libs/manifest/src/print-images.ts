// SPDX-License-Identifier: Apache-2.0
import type { DigestEntry, ImageEntry } from './model.ts';

/** What the printer needs of an image. */
export type PrintableImage = Pick<ImageEntry, 'name'> & {
  readonly digests: readonly (Pick<DigestEntry, 'digest'> & { readonly tags: readonly { readonly tag: string }[] })[];
};

/**
 * The text of an `images.yaml` with these entries in this order: the style of promotion snapshots, one digest a line,
 * tagless ones as `[]`. Reading it again gives the same entries; no images give `[]`.
 */
export function printImages(images: readonly PrintableImage[]): string {
  return images.length === 0 ? '[]\n' : images.map(printImage).join('');
}

function printImage(image: PrintableImage): string {
  // The only repository path that YAML takes for something else than text.
  const name = image.name === 'null' ? '"null"' : image.name;
  const dmap = image.digests.length === 0 ? ' {}\n' : `\n${image.digests.map(printDigest).join('')}`;
  return `- name: ${name}\n  dmap:${dmap}`;
}

function printDigest({ digest, tags }: PrintableImage['digests'][number]): string {
  return `    "${digest}": [${tags.map(({ tag }) => `"${tag}"`).join(', ')}]\n`;
}
