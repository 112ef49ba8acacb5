// SPDX-License-Identifier: Apache-2.0
import { pushImage } from './push-image.ts';
import type { Credentials } from './registry-client.ts';
import { seedCatalogue, type SeedImage } from './seed-catalogue.ts';

/** How the seed is laid out in the registry. */
export interface SeedOptions {
  /** In front of `<project>/<name>`. Default `staging`; '' for none. */
  readonly prefix?: string;
  /** Default: `seedCatalogue()`. */
  readonly images?: readonly SeedImage[];
  readonly credentials?: Credentials;
}

/** A seeded image. */
export interface SeededImage {
  readonly project: string;
  readonly name: string;
  /** Path inside the registry. */
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly mediaType: string;
}

/** Pushes small real images with fixed digests to `<prefix>/<project>/<name>`. Error: `DEVSTACK_PUSH_FAILED`. */
export async function seedImages(registryUrl: string, options: SeedOptions = {}): Promise<SeededImage[]> {
  const { prefix = 'staging', images = seedCatalogue(), credentials } = options;
  const seeded: SeededImage[] = [];
  for (const { project, name, tags, image } of images) {
    const repository = [prefix, project, name].filter((part) => part !== '').join('/');
    await pushImage({ url: registryUrl, repository, image, tags, ...(credentials && { credentials }) });
    const { digest, mediaType } = image.manifest;
    seeded.push({ project, name, repository, digest, tags, mediaType });
  }
  return seeded;
}
