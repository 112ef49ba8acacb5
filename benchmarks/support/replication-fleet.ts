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

/** The size of a fleet. Signed groups are spread evenly over the repositories. */
export interface FleetShape {
  readonly groups: number;
  readonly repositories: number;
  readonly mirrors: number;
  /** Of a hundred groups. */
  readonly signedShare: number;
  /** One of so many signed groups, or (signed group, mirror) pairs, lacks everything. */
  readonly missingEvery: number;
  /** Where: at one mirror, or, like what was signed since the last run, at all of them. */
  readonly missingAt: 'one mirror' | 'all mirrors';
  readonly suffixes: readonly ('sig' | 'att')[];
  /** Whether mirrors take a blob with the start of its upload. */
  readonly takesSinglePosts: boolean;
}

/** Tags of one repository that a mirror lacks, and what was put there. */
interface Tag {
  readonly name: string;
  readonly subject: Digest;
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
        tags[repository]?.push({ name: `${subject.replace(':', '-')}.${suffix}`, subject, order });
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

  /** How many tags are missing at all mirrors together. */
  countMissing(): number {
    let missing = 0;
    for (const tags of this.#tags) {
      for (const tag of tags) {
        for (let mirror = 1; mirror <= this.shape.mirrors; mirror += 1) if (this.#isMissing(tag, mirror)) missing += 1;
      }
    }
    return missing;
  }

  client(): RegistryClient {
    const client: Partial<RegistryClient> = {
      listTagDigests: async (repository) => this.#list(repository),
      getManifest: async (repository, reference) => this.#image(repository, reference as Digest),
      openBlob: async (repository, blob) => {
        this.#count(repository);
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

  #list(repository: Repository): TagInventory {
    this.#count(repository);
    this.lists += 1;
    const registry = registryOf(repository);
    const tags = new Map<string, Digest>();
    for (const tag of this.#tags[indexOf(repository)] ?? []) {
      const isThere =
        registry === 0 || !this.#isMissing(tag, registry) || this.written.has(keyOf(repository, tag.name));
      if (isThere) tags.set(tag.name, contentOf(tag.name));
    }
    return { tags, digests: null, uploadedMs: null, isComplete: true };
  }

  #isMissing({ order }: Tag, mirror: number): boolean {
    const { missingAt, missingEvery } = this.shape;
    // No group lacks it at two mirrors, and no mirror lacks more than others.
    return (order * 7 + (missingAt === 'all mirrors' ? 0 : mirror * 37)) % missingEvery === 0;
  }

  /** Listings name contents by a digest of their tag, which stands for the manifest's: making all of them takes minutes. */
  #image(repository: Repository, reference: Digest): ManifestDocument | null {
    this.#count(repository);
    const tag = (this.#tags[indexOf(repository)] ?? []).find(({ name }) => contentOf(name) === reference);
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
    this.#images.set(contentOf(tag.name), document);
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
    const isRight = this.#images.get(contentOf(tag))?.digest === document.digest;
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

function contentOf(tag: string): Digest {
  return digestOf(tag);
}

function partOf(mediaType: string, bytes: Buffer): { mediaType: string; size: number; digest: Digest } {
  return { mediaType, size: bytes.length, digest: digestOf(bytes) };
}
