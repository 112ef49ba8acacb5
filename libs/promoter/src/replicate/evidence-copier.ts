// SPDX-License-Identifier: Apache-2.0
import { digestOf, isDigest, type ManifestDocument, parseRepository, printRepository } from '@promograph/oci';
import { type CopyEngine, putBlob, readBlob, type RegistryClient, RegistryError } from '@promograph/registry';
import { evidenceLease, signatureConfig, simpleSigningPayload } from '@promograph/signing';
import type { TagLeaseStore } from '@promograph/limiter';
import pLimit from 'p-limit';
import type { Wanted } from './replication-tally.ts';
import { subjectOfTag } from './repository-lists.ts';
import { type SourceImage, SourceImages } from './source-images.ts';

/** Images up to this size are held in memory: `.sig` images have a few kilobytes. */
const SMALL_BYTES = 1024 * 1024;
const BLOBS_AT_ONCE = 4;

/** What copies are made with. */
export interface EvidenceCopierOptions {
  readonly client: RegistryClient;
  readonly engine: Pick<CopyEngine, 'copy' | 'publishTag'>;
  readonly leases: TagLeaseStore;
  /** Repositories that signatures are written to as well, by whoever signs. */
  readonly canonicals: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
}

/** What is copied, and what its parts may be, for those that need not be read. */
export interface WantedEvidence extends Wanted {
  /** The digest that the listing told, or the tag itself. */
  readonly content: string;
  /** Names that the image may be signed for. */
  readonly references: readonly string[];
}

/**
 * Copies `.sig` and `.att` images to mirrors where they are missing. Small ones with the fewest requests: at the source the
 * manifest and each layer once for all mirrors, as far as memory allows; at a mirror one or two for each blob, as the host
 * takes it, and one for the tag. What signing writes by rule, config and payload, is made instead of read where its digest
 * proves it. Large ones stream through the copy engine. All bytes are hashed.
 */
export class EvidenceCopier {
  readonly #options: EvidenceCopierOptions;
  readonly #sources: SourceImages = new SourceImages();

  constructor(options: EvidenceCopierOptions) {
    this.#options = options;
  }

  /** The caller knows by a listing that the tag is not there. */
  async copy(wanted: WantedEvidence): Promise<'copied' | 'present'> {
    const subject = subjectOfTag(wanted.reference);
    if (subject === null || !this.#options.canonicals.has(wanted.destination)) return this.#copy(wanted);
    // Whoever signs there writes the same tag: under their lease the listing may be out of date.
    const { leases, client, signal } = this.#options;
    const repository = parseRepository(wanted.destination);
    await using _lease = await leases.acquire(evidenceLease(repository, subject), subject, signal);
    const held = await client.headManifest(repository, wanted.reference, this.#calling());
    return held === null ? this.#copy(wanted) : 'present';
  }

  async #copy(wanted: WantedEvidence): Promise<'copied'> {
    const { document, blobs } = await this.#source(wanted);
    if (blobs === null) await this.#stream(wanted, document);
    else await this.#putSmall(wanted, document, blobs);
    return 'copied';
  }

  async #stream(wanted: Wanted, document: ManifestDocument): Promise<void> {
    const { engine, signal } = this.#options;
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

  #source(wanted: WantedEvidence): Promise<SourceImage> {
    return this.#sources.get(`${wanted.source} ${wanted.content}`, () => this.#read(wanted));
  }

  async #read(wanted: WantedEvidence): Promise<SourceImage> {
    const { client } = this.#options;
    const { source, content } = wanted;
    const repository = parseRepository(source);
    const document = await client.getManifest(repository, content, this.#calling());
    if (document === null) {
      const name = `${printRepository(repository)}${isDigest(content) ? '@' : ':'}${content}`;
      throw new RegistryError('REGISTRY_NOT_FOUND', `${name} was listed and is not there`);
    }
    const total = document.blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const isSmall = total <= SMALL_BYTES && !document.blobs.some(({ isForeign }) => isForeign);
    if (document.kind !== 'manifest' || document.subject !== null || !isSmall) return { document, blobs: null };
    const known = knownBlobs(document, wanted);
    const parts = [...new Map(document.blobs.map((blob) => [blob.digest, blob])).values()];
    const blobs = await pLimit(BLOBS_AT_ONCE).map(
      parts,
      async (blob) => known.get(blob.digest) ?? readBlob(client, { repository, blob }, this.#calling()),
    );
    return { document, blobs };
  }

  #calling(): { readonly signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal === undefined ? {} : { signal };
  }
}

/** By digest, what cosign's rules make of the layers and of what is signed: what is asked for by that digest is no other. */
function knownBlobs(
  { blobs: [, ...layers] }: ManifestDocument,
  { reference, references }: WantedEvidence,
): ReadonlyMap<string, Buffer> {
  const subject = subjectOfTag(reference);
  const payloads = subject === null ? [] : references.map((name) => simpleSigningPayload(name, subject));
  const known = [signatureConfig(layers.map(({ digest }) => digest)), ...payloads];
  return new Map(known.map((bytes) => [digestOf(bytes), bytes]));
}
