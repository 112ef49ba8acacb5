// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import {
  type Descriptor,
  type Digest,
  digestOf,
  type ManifestDocument,
  MEDIA_TYPES,
  parseManifestDocument,
  type Repository,
} from '@promograph/oci';
import type { BlobPost, RegistryClient, TagInventory } from '@promograph/registry';
import { signatureConfig, simpleSigningPayload } from '@promograph/signing';

/**
 * Where pairs are missing: whole groups at all mirrors, like what was signed since the last run; anywhere, each pair with the
 * same chance; or each in a group of its own.
 */
export type FleetSpread = 'new groups' | 'random pairs' | 'pairs apart';

/** The size of a fleet. Signed groups are spread evenly over the repositories. */
export interface FleetShape {
  readonly groups: number;
  readonly repositories: number;
  readonly mirrors: number;
  /** Of a hundred groups. */
  readonly signedShare: number;
  /** One of so many (signed group, mirror) pairs lacks everything. */
  readonly missingEvery: number;
  readonly spread: FleetSpread;
  readonly suffixes: readonly ('sig' | 'att')[];
  /** Whether mirrors take a blob with the start of its upload. */
  readonly takesSinglePosts: boolean;
}

/** Tags of one repository that a mirror lacks, and what was put there. */
interface Tag {
  readonly name: string;
  readonly subject: Digest;
  /** A digest of the name: it stands for the manifest's in listings, because making all manifests takes minutes. */
  readonly content: Digest;
  /** Among all signed groups. */
  readonly order: number;
}

/** A fleet of Google-style registries that exists only as rules, behind a client that counts what a real one would ask. */
export class ReplicationFleet {
  readonly shape: FleetShape;
  readonly digests: readonly (readonly Digest[])[];
  /** Requests by host. */
  readonly requests = new Map<string, number>();
  lists = 0;
  /** How often each manifest and layer was read at the source. */
  readonly sourceReads = new Map<string, number>();
  /** Manifests that were put where they were missing, by repository and tag. */
  readonly written = new Set<string>();
  readonly faults: string[] = [];
  readonly #tags: readonly (readonly Tag[])[];
  readonly #images = new Map<Digest, ManifestDocument>();
  readonly #blobs = new Map<Digest, Buffer>();
  readonly #uploaded = new Set<string>();
  /** Hosts of which the client knows by now how they take blobs. */
  readonly #tried = new Set<string>();

  constructor(shape: FleetShape) {
    this.shape = shape;
    const digests: Digest[][] = Array.from({ length: shape.repositories }, () => []);
    const tags: Tag[][] = Array.from({ length: shape.repositories }, () => []);
    let order = 0;
    for (let group = 0; group < shape.groups; group += 1) {
      const subject = digestOf(`image ${group}`);
      // Neighbours share a repository, and of any hundred neighbours the share is signed: every repository has some.
      const repository = Math.floor((group * shape.repositories) / shape.groups);
      digests[repository]?.push(subject);
      if ((group * 43) % 100 >= shape.signedShare) continue;
      for (const suffix of shape.suffixes) {
        const name = `${subject.replace(':', '-')}.${suffix}`;
        tags[repository]?.push({ name, subject, content: digestOf(name), order });
      }
      order += 1;
    }
    this.digests = digests;
    this.#tags = tags;
  }

  /** `host/path` of repository number `index` at registry number `registry`; number 0 is the canonical one. */
  name(registry: number, index: number): string {
    return `registry-${registry}.example.org/images/app-${index}`;
  }

  /** How many tags are missing at all mirrors together, and how many of them at one mirror at least. */
  countMissing(): { readonly tags: number; readonly images: number } {
    const mirrors = Array.from({ length: this.shape.mirrors }, (_, index) => index + 1);
    const counts = this.#tags.flat().map((tag) => mirrors.filter((mirror) => this.#isMissing(tag, mirror)).length);
    return {
      tags: counts.reduce((sum, count) => sum + count, 0),
      images: counts.filter((count) => count > 0).length,
    };
  }

  client(): RegistryClient {
    const client: Partial<RegistryClient> = {
      listTagDigests: async (repository) => this.#list(repository),
      getManifest: async (repository, reference) => this.#image(repository, reference as Digest),
      openBlob: async (repository, blob) => {
        this.#count(repository);
        this.#readAtSource(repository, blob.digest);
        const bytes = this.#blobs.get(blob.digest);
        if (bytes === undefined || registryOf(repository) !== 0) this.faults.push(`read of ${blob.digest}`);
        return { body: Readable.from([bytes ?? Buffer.alloc(0)], { objectMode: false }), sizeBytes: blob.sizeBytes };
      },
      postBlob: async (repository, blob, bytes) => this.#post(repository, blob, bytes),
      startUpload: async (repository) => {
        this.#count(repository);
        return { kind: 'started', session: { repository, location: new URL('http://fleet.invalid/') } };
      },
      finishUpload: async (session, blob, body) => this.#upload(session.repository, blob, await bytesOf(body)),
      putManifest: async (repository, reference, document) => {
        this.#put(repository, reference, document);
        return { subject: null };
      },
    };
    return client as RegistryClient;
  }

  #count({ host }: Repository): void {
    this.requests.set(host, (this.requests.get(host) ?? 0) + 1);
  }

  #readAtSource(repository: Repository, digest: Digest): void {
    const key = keyOf(repository, digest);
    this.sourceReads.set(key, (this.sourceReads.get(key) ?? 0) + 1);
  }

  #list(repository: Repository): TagInventory {
    this.#count(repository);
    this.lists += 1;
    const registry = registryOf(repository);
    const tags = new Map<string, Digest>();
    for (const tag of this.#tags[indexOf(repository)] ?? []) {
      const isThere =
        registry === 0 || !this.#isMissing(tag, registry) || this.written.has(keyOf(repository, tag.name));
      if (isThere) tags.set(tag.name, tag.content);
    }
    return { tags, digests: null, uploadedMs: null, isComplete: true };
  }

  #isMissing({ order }: Tag, mirror: number): boolean {
    const { spread, missingEvery } = this.shape;
    if (spread === 'random pairs') return chanceOf(order * 32 + mirror) < 1 / missingEvery;
    // Of pairs apart no group lacks anything at two mirrors, and no mirror lacks more than others.
    return (order * 7 + (spread === 'new groups' ? 0 : mirror * 37)) % missingEvery === 0;
  }

  #image(repository: Repository, reference: Digest): ManifestDocument | null {
    this.#count(repository);
    this.#readAtSource(repository, reference);
    const tag = (this.#tags[indexOf(repository)] ?? []).find(({ content }) => content === reference);
    if (tag === undefined || registryOf(repository) !== 0) return null;
    const payload = tag.name.endsWith('.sig')
      ? simpleSigningPayload(`${repository.host}/${repository.path}`, tag.subject)
      : Buffer.from(`{"payloadType":"application/vnd.in-toto+json","payload":"${tag.name}"}`);
    const config = signatureConfig([digestOf(payload)]);
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: partOf('application/vnd.oci.image.config.v1+json', config),
      layers: [partOf('application/vnd.dev.cosign.simplesigning.v1+json', payload)],
    };
    const document = parseManifestDocument(Buffer.from(JSON.stringify(manifest)), MEDIA_TYPES.ociManifest);
    this.#images.set(tag.content, document);
    this.#blobs.set(digestOf(payload), payload);
    return document;
  }

  /** As the client learns it: the first such request to a host that takes it is followed by a look at the blob. */
  #post(repository: Repository, blob: Descriptor, bytes: Uint8Array): BlobPost {
    const isFirst = !this.#tried.has(repository.host);
    this.#tried.add(repository.host);
    if (this.shape.takesSinglePosts) {
      if (isFirst) this.#count(repository);
      this.#upload(repository, blob, bytes);
      return { kind: 'written' };
    }
    if (!isFirst) return { kind: 'unsupported' };
    this.#count(repository);
    return { kind: 'started', session: { repository, location: new URL('http://fleet.invalid/') } };
  }

  #upload(repository: Repository, blob: Descriptor, bytes: Uint8Array): void {
    this.#count(repository);
    if (digestOf(bytes) !== blob.digest) this.faults.push(`upload of ${blob.digest}`);
    this.#uploaded.add(keyOf(repository, blob.digest));
  }

  #put(repository: Repository, tag: string, document: ManifestDocument): void {
    this.#count(repository);
    const isRight = this.#images.get(digestOf(tag))?.digest === document.digest;
    const hasBlobs = document.blobs.every(({ digest }) => this.#uploaded.has(keyOf(repository, digest)));
    const key = keyOf(repository, tag);
    const known = (this.#tags[indexOf(repository)] ?? []).find(({ name }) => name === tag);
    const wasMissing = known !== undefined && this.#isMissing(known, registryOf(repository)) && !this.written.has(key);
    if (!isRight || !hasBlobs || !wasMissing) this.faults.push(`write of ${key}`);
    this.written.add(key);
  }
}

async function bytesOf(body: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

function keyOf({ host, path }: Repository, name: string): string {
  return `${host}/${path} ${name}`;
}

function registryOf({ host }: Repository): number {
  return Number(/^registry-(\d+)\./.exec(host)?.[1]);
}

function indexOf({ path }: Repository): number {
  return Number(path.slice(path.lastIndexOf('-') + 1));
}

/** Between 0 and 1, always the same for the same number: mulberry32, with a seed of its own. */
function chanceOf(number: number): number {
  const seeded = (number + 20_261_121 + 0x6d2b79f5) | 0;
  const once = Math.imul(seeded ^ (seeded >>> 15), seeded | 1);
  const twice = once ^ (once + Math.imul(once ^ (once >>> 7), once | 61));
  return ((twice ^ (twice >>> 14)) >>> 0) / 4_294_967_296;
}

function partOf(mediaType: string, bytes: Buffer): { mediaType: string; size: number; digest: Digest } {
  return { mediaType, size: bytes.length, digest: digestOf(bytes) };
}
