// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import { type Digest, type ManifestDocument, OciError, printRepository, type Repository } from '@promograph/oci';
import {
  type CallOptions,
  readBlob,
  referrersTag,
  type RegistryClient,
  RegistryError,
  type RegistryErrorCode,
} from '@promograph/registry';
import pLimit from 'p-limit';
import type { Evidence, EvidencePiece } from '../evidence.ts';
import type { EvidenceDigests, EvidenceRequest } from '../signature-store.ts';
import { excessOf, type FoundPiece, piecesOfBundle, piecesOfImage } from './evidence-layers.ts';
import type { EvidenceLimits } from './evidence-limits.ts';
import { attestationTag, signatureTag } from './evidence-tags.ts';

/** Requests of all reads together: each host has its own bound below. */
const REQUESTS_AT_ONCE = 64;

/**
 * What anybody who may push can bring about by what they push. It must not end the read: evidence of others lies beside it.
 * Whatever else goes wrong is the registry's or the network's, and does.
 */
const UNREADABLE: readonly RegistryErrorCode[] = [
  'REGISTRY_NOT_FOUND',
  'REGISTRY_DIGEST_MISMATCH',
  'REGISTRY_PROTOCOL',
  'REGISTRY_REFUSED',
  'REGISTRY_UNSAFE_REDIRECT',
];

/** The image that evidence is about, and how it is asked for. */
export interface EvidenceSubject {
  readonly repository: Repository;
  readonly subject: Digest;
  readonly options: CallOptions;
}

/** Reads what lies beside images. One for a whole run: it bounds the requests of all reads together. */
export class EvidenceReader {
  readonly #client: RegistryClient;
  readonly #limits: EvidenceLimits;
  readonly #limit = pLimit(REQUESTS_AT_ONCE);

  constructor(client: RegistryClient, limits: EvidenceLimits) {
    this.#client = client;
    this.#limits = limits;
  }

  async gather(about: EvidenceSubject, request: EvidenceRequest): Promise<Evidence> {
    const reading = new Reading(about);
    const [sig, att, referrers] = await Promise.all([
      request.signatures ? this.#tagged(reading, signatureTag(about.subject)) : null,
      request.attestations ? this.#tagged(reading, attestationTag(about.subject)) : null,
      request.referrers ? this.#referrers(reading, request.fallbackTag) : [],
    ]);
    return this.#evidence(reading, { sig, att, referrers });
  }

  async gatherExact(about: EvidenceSubject, digests: EvidenceDigests): Promise<Evidence> {
    const reading = new Reading(about);
    const [sig, att] = await Promise.all([
      digests.sig === null ? null : this.#named(reading, digests.sig),
      digests.att === null ? null : this.#named(reading, digests.att),
    ]);
    return this.#evidence(reading, { sig, att, referrers: digests.referrers });
  }

  async list(about: EvidenceSubject, request: EvidenceRequest): Promise<EvidenceDigests> {
    const reading = new Reading(about);
    const [sig, att, referrers] = await Promise.all([
      request.signatures ? this.#head(reading, signatureTag(about.subject)) : null,
      request.attestations ? this.#head(reading, attestationTag(about.subject)) : null,
      request.referrers ? this.#referrers(reading, request.fallbackTag) : [],
    ]);
    return { sig, att, referrers };
  }

  async #evidence(reading: Reading, found: Found): Promise<Evidence> {
    const referrers = new Set(found.referrers);
    if (referrers.size > this.#limits.referrers) {
      return reading.tooMuch(`${referrers.size} referrers, more than ${this.#limits.referrers}`);
    }
    const bundles = await Promise.all(
      [...referrers].map(async (digest) => {
        const document = await this.#named(reading, digest);
        return document === null ? [] : reading.accept(piecesOfBundle(document, reading.about.subject), digest);
      }),
    );
    const images = (['sig', 'att'] as const).flatMap((layout) => {
      const document = found[layout];
      return document === null ? [] : reading.accept(piecesOfImage(document, layout), document.digest);
    });
    const pieces = [...images, ...bundles.flat()];
    const excess = excessOf(pieces, this.#limits);
    return excess === null ? reading.evidence(await this.#contents(reading, pieces)) : reading.tooMuch(excess);
  }

  async #contents(reading: Reading, pieces: readonly FoundPiece[]): Promise<EvidencePiece[]> {
    const { repository, options } = reading.about;
    const maxBytes = this.#limits.attestationBytes;
    const reads = new Map<string, Promise<Buffer | null>>();
    const contentOf = ({ layer, manifest }: FoundPiece): Promise<Buffer | null> => {
      // The same payload may be a layer many times over, once for each who signed it.
      const key = `${layer.digest} ${layer.sizeBytes}`;
      const known = reads.get(key);
      if (known !== undefined) return known;
      const location = `${printRepository(repository)}@${manifest}`;
      const read = reading.unlessUnreadable(location, () =>
        this.#limit(() => readBlob(this.#client, { repository, blob: layer }, { ...options, maxBytes })),
      );
      reads.set(key, read);
      return read;
    };
    const contents = await Promise.all(pieces.map(async (piece) => ({ piece, bytes: await contentOf(piece) })));
    return contents.flatMap(({ piece, bytes }) => (bytes === null ? [] : [piece.with(bytes)]));
  }

  /** The document under a tag; null where there is none or nothing can be made of it. */
  #tagged(reading: Reading, tag: string | null): Promise<ManifestDocument | null> {
    if (tag === null) return Promise.resolve(null);
    const { repository, options } = reading.about;
    const location = `${printRepository(repository)}:${tag}`;
    return reading.unlessUnreadable(location, () =>
      this.#limit(() => this.#client.getManifest(repository, tag, options)),
    );
  }

  /** A document that was listed: one that is gone is unreadable. */
  #named(reading: Reading, digest: Digest): Promise<ManifestDocument | null> {
    const { repository, options } = reading.about;
    const location = `${printRepository(repository)}@${digest}`;
    return reading.unlessUnreadable(location, async () => {
      const document = await this.#limit(() => this.#client.getManifest(repository, digest, options));
      if (document === null) throw new RegistryError('REGISTRY_NOT_FOUND', `${location} was listed and is not there`);
      return document;
    });
  }

  async #head(reading: Reading, tag: string | null): Promise<Digest | null> {
    if (tag === null) return null;
    const { repository, options } = reading.about;
    const head = await this.#limit(() => this.#client.headManifest(repository, tag, options));
    return head?.digest ?? null;
  }

  /** Whatever names the subject, sorted: neither artifact type nor annotation of a listing can be relied on. */
  async #referrers(reading: Reading, fallbackTag = true): Promise<readonly Digest[]> {
    const { repository, subject, options } = reading.about;
    const location = `${printRepository(repository)}:${referrersTag(subject)}`;
    const listed = await reading.unlessMalformed(location, () =>
      this.#limit(() => this.#client.listReferrers(repository, subject, { ...options, fallbackTag })),
    );
    return [...new Set((listed ?? []).map(({ digest }) => digest))].sort();
  }
}

interface Found {
  readonly sig: ManifestDocument | null;
  readonly att: ManifestDocument | null;
  readonly referrers: readonly Digest[];
}

/** One read about one digest, with what could not be read on the way. */
class Reading {
  readonly about: EvidenceSubject;
  readonly #unreadable: { readonly location: string; readonly message: string }[] = [];

  constructor(about: EvidenceSubject) {
    this.about = about;
  }

  /** The value, or null after recording why there is none. */
  async unlessUnreadable<Value>(location: string, read: () => Promise<Value | null>): Promise<Value | null> {
    return this.#unless(location, read, isUnreadable);
  }

  /** The same where only a malformed document is no failure. */
  async unlessMalformed<Value>(location: string, read: () => Promise<Value | null>): Promise<Value | null> {
    return this.#unless(location, read, (error) => error instanceof OciError);
  }

  /** The pieces of a manifest, or none after recording why. */
  accept(found: readonly FoundPiece[] | string, digest: Digest): readonly FoundPiece[] {
    if (typeof found !== 'string') return found;
    this.#record(`${printRepository(this.about.repository)}@${digest}`, found);
    return [];
  }

  evidence(pieces: readonly EvidencePiece[], excess: string | null = null): Evidence {
    const { repository, subject } = this.about;
    const unreadable = this.#unreadable.toSorted((one, other) => (one.location < other.location ? -1 : 1));
    return { repository, subject, pieces, excess, unreadable };
  }

  tooMuch(excess: string): Evidence {
    return this.evidence([], excess);
  }

  async #unless<Value>(
    location: string,
    read: () => Promise<Value | null>,
    isExpected: (error: unknown) => boolean,
  ): Promise<Value | null> {
    try {
      return await read();
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.#record(location, errorMessage(error));
      return null;
    }
  }

  #record(location: string, message: string): void {
    this.#unreadable.push({ location, message });
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof OciError || (error instanceof RegistryError && UNREADABLE.includes(error.code));
}
