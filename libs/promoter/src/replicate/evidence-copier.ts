// SPDX-License-Identifier: Apache-2.0
import { digestOf, isDigest, type ManifestDocument, parseRepository, printRepository } from '@promograph/oci';
import { type CopyEngine, putBlob, readBlob, type RegistryClient, RegistryError } from '@promograph/registry';
import { signatureConfig } from '@promograph/signing';
import pLimit from 'p-limit';
import type { Wanted } from './replication-tally.ts';

/** Images up to this size are held in memory: `.sig` images have a few kilobytes. */
const SMALL_BYTES = 1024 * 1024;
/** Small images remembered for the next mirror. */
const REMEMBERED = 256;
const BLOBS_AT_ONCE = 4;

/** An evidence image at its source; `blobs` is null where it is too large for memory. */
interface SourceImage {
  readonly document: ManifestDocument;
  readonly blobs: readonly Buffer[] | null;
}

/** What copies are made with. */
export interface EvidenceCopierOptions {
  readonly client: RegistryClient;
  readonly engine: Pick<CopyEngine, 'copy' | 'publishTag'>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Copies `.sig` and `.att` images to mirrors where they are missing. Small ones with the fewest requests: at the source the
 * manifest and each layer once for mirrors served about the same time, at a mirror two for each blob and one for the tag;
 * the config that cosign writes follows from the layers. Large ones stream through the copy engine. All bytes are hashed.
 */
export class EvidenceCopier {
  readonly #options: EvidenceCopierOptions;
  readonly #sources = new Map<string, Promise<SourceImage>>();

  constructor(options: EvidenceCopierOptions) {
    this.#options = options;
  }

  /** `content` is the digest that the listing told, or the tag itself. The caller knows that the tag is not there. */
  async copy(wanted: Wanted, content: string): Promise<void> {
    const { engine, signal } = this.#options;
    const { document, blobs } = await this.#source(wanted.source, content);
    if (blobs !== null) return this.#putSmall(wanted, document, blobs);
    const [source, destination] = [parseRepository(wanted.source), parseRepository(wanted.destination)];
    const [copy] = await engine.copy({
      source,
      digest: document.digest,
      destinations: [destination],
      ...(signal ? { signal } : {}),
    });
    if (copy === undefined || copy.status === 'failed') throw copy?.error;
    await engine.publishTag({ destination, tag: wanted.reference, document, ...(signal ? { signal } : {}) });
  }

  async #putSmall(wanted: Wanted, document: ManifestDocument, blobs: readonly Buffer[]): Promise<void> {
    const { client } = this.#options;
    const repository = parseRepository(wanted.destination);
    const options = { ...this.#calling(), isMissing: true };
    await pLimit(BLOBS_AT_ONCE).map(blobs, (bytes) => putBlob(client, { repository, bytes }, options));
    await client.putManifest(repository, wanted.reference, document, this.#calling());
  }

  #source(source: string, content: string): Promise<SourceImage> {
    const key = `${source} ${content}`;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const reading = this.#read(source, content);
    this.#sources.set(key, reading);
    // What failed once may succeed for the next mirror.
    reading.catch(() => this.#sources.delete(key));
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > REMEMBERED && oldest !== undefined) this.#sources.delete(oldest);
    return reading;
  }

  async #read(source: string, content: string): Promise<SourceImage> {
    const { client } = this.#options;
    const repository = parseRepository(source);
    const document = await client.getManifest(repository, content, this.#calling());
    if (document === null) {
      const name = `${printRepository(repository)}${isDigest(content) ? '@' : ':'}${content}`;
      throw new RegistryError('REGISTRY_NOT_FOUND', `${name} was listed and is not there`);
    }
    const total = document.blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const isSmall = total <= SMALL_BYTES && !document.blobs.some(({ isForeign }) => isForeign);
    if (document.kind !== 'manifest' || document.subject !== null || !isSmall) return { document, blobs: null };
    const config = knownConfig(document);
    const wanted = [...new Map(document.blobs.map((blob) => [blob.digest, blob])).values()];
    const blobs = await pLimit(BLOBS_AT_ONCE).map(wanted, async (blob) =>
      config !== null && blob.digest === document.blobs[0]?.digest
        ? config
        : readBlob(client, { repository, blob }, this.#calling()),
    );
    return { document, blobs };
  }

  #calling(): { readonly signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal === undefined ? {} : { signal };
  }
}

/** The config where it is the one that cosign writes for these layers, which the digest proves: it need not be read. */
function knownConfig({ blobs: [config, ...layers] }: ManifestDocument): Buffer | null {
  const expected = signatureConfig(layers.map(({ digest }) => digest));
  return config !== undefined && digestOf(expected) === config.digest ? expected : null;
}
