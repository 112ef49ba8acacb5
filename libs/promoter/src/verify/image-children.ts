// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, isIndexType, type ManifestDocument, parseRepository } from '@promograph/oci';
import type { Observations } from '@promograph/plan';
import {
  type CallOptions,
  MAX_CLOSURE_DEPTH,
  MAX_CLOSURE_DOCUMENTS,
  type RegistryClient,
  RegistryError,
} from '@promograph/registry';
import pLimit from 'p-limit';
import type { PromotedImage } from './verify-image.ts';

/** Manifests of one image asked for at once. */
const MANIFESTS_AT_ONCE = 8;

/** What an index names, at any level below it. */
export interface ImageChild {
  readonly digest: Digest;
  /** False where the repository does not have it. */
  readonly isThere: boolean;
}

/** What children are found with. */
export interface ImageChildrenPorts {
  readonly client: Pick<RegistryClient, 'getManifest' | 'headManifest'>;
  /** What was read of the repositories: what a listing shows is not asked for again. */
  readonly seen: Observations;
  readonly signal: AbortSignal | undefined;
}

/** Finds what promoted indexes name; a child of several indexes is asked for once. */
export class ImageChildren {
  readonly #ports: ImageChildrenPorts;
  readonly #presence = new Map<string, Promise<boolean>>();

  constructor(ports: ImageChildrenPorts) {
    this.#ports = ports;
  }

  /**
   * Everything below an index, each digest once; nothing for an image. One request for each index, and one for each other child
   * where no listing tells that it is there. Errors: those of the registry, `REGISTRY_PROTOCOL` beyond the limits of a copy.
   */
  async of(image: PromotedImage): Promise<readonly ImageChild[]> {
    const { repository, digest, mediaType } = image;
    if (mediaType !== '' && !isIndexType(mediaType)) return [];
    const limit = pLimit(MANIFESTS_AT_ONCE);
    const root = await this.#read(repository, digest);
    const found = new Map<Digest, ImageChild>();
    for (let level = root?.children ?? [], depth = 1; level.length > 0; depth += 1) {
      const wanted = new Map(level.map((child) => [child.digest, child]));
      for (const known of [digest, ...found.keys()]) wanted.delete(known);
      // A promoter put nothing there beyond what a copy takes, which counts the image itself.
      const isTooMany = found.size + wanted.size >= MAX_CLOSURE_DOCUMENTS;
      if (wanted.size > 0 && (depth > MAX_CLOSURE_DEPTH || isTooMany)) throw tooLarge(image);
      const looked = await limit.map(wanted.values(), (child) => this.#look(repository, child));
      for (const child of looked) found.set(child.digest, { digest: child.digest, isThere: child.isThere });
      level = looked.flatMap(({ below }) => below);
    }
    return [...found.values()];
  }

  async #look(
    repository: string,
    { digest, mediaType }: Descriptor,
  ): Promise<ImageChild & { readonly below: readonly Descriptor[] }> {
    if (isIndexType(mediaType)) {
      const document = await this.#read(repository, digest);
      return { digest, isThere: document !== null, below: document?.children ?? [] };
    }
    return { digest, isThere: await this.#isThere(repository, digest), below: [] };
  }

  #isThere(repository: string, digest: Digest): Promise<boolean> {
    const { client, seen } = this.#ports;
    const observed = seen.get(repository);
    if (observed?.digests.has(digest) === true) return Promise.resolve(true);
    if (observed?.isListed === true) return Promise.resolve(false);
    const key = `${repository}@${digest}`;
    const asked = this.#presence.get(key);
    if (asked !== undefined) return asked;
    const head = client.headManifest(parseRepository(repository), digest, this.#calling());
    const asking = head.then((found) => found !== null);
    this.#presence.set(key, asking);
    return asking;
  }

  #read(repository: string, digest: Digest): Promise<ManifestDocument | null> {
    return this.#ports.client.getManifest(parseRepository(repository), digest, this.#calling());
  }

  #calling(): CallOptions {
    const { signal } = this.#ports;
    return signal === undefined ? {} : { signal };
  }
}

function tooLarge({ repository, digest }: PromotedImage): RegistryError {
  const limits = `${MAX_CLOSURE_DEPTH} levels and ${MAX_CLOSURE_DOCUMENTS} manifests`;
  return new RegistryError('REGISTRY_PROTOCOL', `${repository}@${digest} has more below it than ${limits}`);
}
