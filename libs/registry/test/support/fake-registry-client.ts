// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import { type Descriptor, type Digest, type ManifestDocument, type Repository } from '@promograph/oci';
import { digestOf, parseManifestDocument, printRepository } from '@promograph/oci';
import type { BlobStream, CallOptions, ManifestHead, ManifestPut, RegistryClient } from '../../src/registry-client.ts';
import type { UploadSession, UploadStart } from '../../src/registry-client.ts';
import { RegistryError } from '../../src/registry-error.ts';

/** One call, as the registries saw it. */
export interface FakeCall {
  readonly method:
    | 'headManifest'
    | 'getManifest'
    | 'putManifest'
    | 'hasBlob'
    | 'openBlob'
    | 'mount'
    | 'startUpload'
    | 'finishUpload'
    | 'cancelUpload';
  readonly host: string;
  readonly path: string;
  /** Digest or tag; empty for the start of an upload. */
  readonly reference: string;
}

/** How a host differs from a good registry. */
export interface FakeHost {
  /** Takes whatever it is given, under the name it is given. */
  readonly isPermissive?: boolean;
  readonly isMounting?: boolean;
}

export interface FakeRepository {
  readonly blobs: Map<Digest, Buffer>;
  readonly manifests: Map<Digest, { readonly bytes: Buffer; readonly mediaType: string }>;
  readonly tags: Map<string, Digest>;
}

/** Hooks that make the registries bad: they may throw, wait, or change bytes. */
export interface FakeFaults {
  /** Before anything happens. */
  before?(call: FakeCall): void | Promise<void>;
  /** When the registry has done it, before the answer. */
  after?(call: FakeCall): void | Promise<void>;
  /** Each piece of an upload as it arrives: a slow registry waits here. */
  onReceived?(call: FakeCall, receivedBytes: number): void | Promise<void>;
  /** The pieces that the source sends. */
  source?(call: FakeCall, bytes: Buffer): AsyncIterable<Buffer> | Iterable<Buffer>;
}

const CHUNK_BYTES = 8000;

/** Any number of registries in memory behind the client's interface, with a log of what they were asked. */
export class FakeRegistries {
  readonly calls: FakeCall[] = [];
  readonly hosts = new Map<string, FakeHost>();
  faults: FakeFaults = {};
  readonly #repositories = new Map<string, FakeRepository>();
  readonly #bodies: Readable[] = [];
  #openUploads = 0;

  /** Blobs being read now. */
  get openBodies(): number {
    return this.#bodies.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded).length;
  }

  repository(repository: Repository): FakeRepository {
    const name = printRepository(repository);
    const known = this.#repositories.get(name);
    if (known) return known;
    const fresh: FakeRepository = { blobs: new Map(), manifests: new Map(), tags: new Map() };
    this.#repositories.set(name, fresh);
    return fresh;
  }

  repositories(): ReadonlyMap<string, FakeRepository> {
    return this.#repositories;
  }

  /** What of one repository is not the same in the other. */
  differences(one: Repository, other: Repository): string[] {
    const [a, b] = [this.repository(one), this.repository(other)];
    const isSame = (digest: Digest): boolean =>
      a.blobs.has(digest)
        ? equal(a.blobs.get(digest), b.blobs.get(digest))
        : equal(a.manifests.get(digest)?.bytes, b.manifests.get(digest)?.bytes);
    const digests = [a, b].flatMap(({ blobs, manifests }) => [...blobs.keys(), ...manifests.keys()]);
    return digests.filter((digest) => !isSame(digest));
  }

  count(method: FakeCall['method'], filter: Partial<FakeCall> = {}): number {
    return this.matching(method, filter).length;
  }

  matching(method: FakeCall['method'], filter: Partial<FakeCall> = {}): FakeCall[] {
    const wanted = Object.entries({ ...filter, method });
    return this.calls.filter((call) => wanted.every(([key, value]) => call[key as keyof FakeCall] === value));
  }

  client(): RegistryClient {
    const unsupported = (): never => {
      throw new Error('the copy engine does not call this');
    };
    return {
      headManifest: (repository, reference, options) => this.#headManifest(repository, reference, options),
      getManifest: (repository, reference, options) => this.#getManifest(repository, reference, options),
      putManifest: (repository, reference, document, options) =>
        this.#putManifest({ repository, reference }, document, options),
      hasBlob: (repository, digest, options) =>
        this.#call(call('hasBlob', repository, digest), options, () => this.repository(repository).blobs.has(digest)),
      openBlob: (repository, blob, options) => this.#openBlob(repository, blob, options),
      startUpload: (repository, options) => this.#startUpload(repository, options),
      postBlob: async () => ({ kind: 'unsupported' }),
      finishUpload: (session, blob, body, options) => this.#finishUpload({ session, blob, body }, options),
      cancelUpload: (session, options) =>
        this.#call(call('cancelUpload', session.repository, ''), options, () => undefined),
      observe: unsupported,
      listRepository: unsupported,
      listTags: unsupported,
      listTagDigests: unsupported,
      listCatalog: unsupported,
      listReferrers: unsupported,
      close: async () => undefined,
    };
  }

  async #call<Value>(
    made: FakeCall,
    options: CallOptions | undefined,
    act: () => Value | Promise<Value>,
  ): Promise<Value> {
    options?.signal?.throwIfAborted();
    this.calls.push(made);
    await this.#unlessAborted(this.faults.before?.(made), options);
    const value = await act();
    await this.#unlessAborted(this.faults.after?.(made), options);
    return value;
  }

  async #unlessAborted(pending: void | Promise<void>, options: CallOptions | undefined): Promise<void> {
    const signal = options?.signal;
    if (pending === undefined || signal === undefined) return pending;
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([pending, aborted.promise]).finally(() => signal.removeEventListener('abort', onAbort));
  }

  #find(repository: Repository, reference: string): { bytes: Buffer; mediaType: string; digest: Digest } | null {
    const { manifests, tags } = this.repository(repository);
    const digest = tags.get(reference) ?? (reference as Digest);
    const found = manifests.get(digest);
    return found ? { ...found, digest } : null;
  }

  #headManifest(repository: Repository, reference: string, options?: CallOptions): Promise<ManifestHead | null> {
    return this.#call(call('headManifest', repository, reference), options, () => {
      const found = this.#find(repository, reference);
      return found && { digest: found.digest, mediaType: found.mediaType, sizeBytes: found.bytes.length };
    });
  }

  #getManifest(repository: Repository, reference: string, options?: CallOptions): Promise<ManifestDocument | null> {
    return this.#call(call('getManifest', repository, reference), options, () => {
      const found = this.#find(repository, reference);
      return found && parseManifestDocument(found.bytes, found.mediaType);
    });
  }

  #putManifest(
    { repository, reference }: { repository: Repository; reference: string },
    document: ManifestDocument,
    options?: CallOptions,
  ): Promise<ManifestPut> {
    const made = call('putManifest', repository, reference);
    return this.#call(made, options, () => {
      const { blobs, manifests, tags } = this.repository(repository);
      const isMissing =
        document.blobs.some(({ digest, isForeign }) => !isForeign && !blobs.has(digest)) ||
        document.children.some(({ digest }) => !manifests.has(digest));
      if (isMissing && !this.hosts.get(repository.host)?.isPermissive) {
        const diagnostics = [{ code: 'MANIFEST_BLOB_UNKNOWN', message: 'blob unknown to registry' }];
        throw new RegistryError('REGISTRY_REFUSED', 'manifest refused', { status: 404, diagnostics });
      }
      manifests.set(document.digest, { bytes: Buffer.from(document.bytes), mediaType: document.mediaType });
      if (reference !== document.digest) tags.set(reference, document.digest);
      return { subject: null };
    });
  }

  #openBlob(repository: Repository, blob: Descriptor, options?: CallOptions): Promise<BlobStream> {
    const made = call('openBlob', repository, blob.digest);
    return this.#call(made, options, () => {
      const bytes = this.repository(repository).blobs.get(blob.digest);
      if (!bytes) throw new RegistryError('REGISTRY_NOT_FOUND', 'no such blob', { status: 404 });
      const pieces = this.faults.source?.(made, bytes) ?? inPieces(bytes);
      const body = Readable.from(pieces, { objectMode: false });
      this.#bodies.push(body);
      return { body, sizeBytes: null };
    });
  }

  #startUpload(
    repository: Repository,
    options?: CallOptions & { readonly mount?: { readonly digest: Digest; readonly from: string } },
  ): Promise<UploadStart> {
    const mount = options?.mount;
    const made = call(mount ? 'mount' : 'startUpload', repository, mount?.digest ?? '');
    return this.#call<UploadStart>(made, options, () => {
      const from = mount && this.repository({ host: repository.host, path: mount.from }).blobs.get(mount.digest);
      if (mount && from && this.hosts.get(repository.host)?.isMounting !== false) {
        this.repository(repository).blobs.set(mount.digest, from);
        return { kind: 'mounted' };
      }
      const location = new URL(`http://${printRepository(repository)}/uploads/${(this.#openUploads += 1)}`);
      return { kind: 'started', session: { repository, location } };
    });
  }

  async #finishUpload(
    { session, blob, body }: { session: UploadSession; blob: Descriptor; body: Readable },
    options?: CallOptions,
  ): Promise<void> {
    const made = call('finishUpload', session.repository, blob.digest);
    const onAbort = (): void => void body.destroy();
    options?.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#call(made, options, async () => {
        const bytes = await this.#receive(made, { body, blob }, options);
        const isRight = bytes.length === blob.sizeBytes && digestOf(bytes) === blob.digest;
        if (bytes.length !== blob.sizeBytes || (!isRight && !this.hosts.get(session.repository.host)?.isPermissive)) {
          throw new RegistryError('REGISTRY_REFUSED', 'wrong bytes', { status: 400 });
        }
        this.repository(session.repository).blobs.set(blob.digest, bytes);
      });
    } finally {
      options?.signal?.removeEventListener('abort', onAbort);
      body.destroy();
    }
  }

  /** Like a server, this ends when the announced length has arrived, whether the body ends or not. */
  async #receive(
    made: FakeCall,
    { body, blob }: { body: Readable; blob: Descriptor },
    options?: CallOptions,
  ): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let received = 0;
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece);
      received += piece.length;
      await this.#unlessAborted(this.faults.onReceived?.(made, received), options);
      if (received >= blob.sizeBytes) break;
    }
    return Buffer.concat(pieces);
  }
}

/** The bytes as a source sends them. */
export function* inPieces(bytes: Buffer, pieceBytes: number = CHUNK_BYTES): Generator<Buffer, void, void> {
  for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes);
}

function equal(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one !== undefined && other !== undefined && one.equals(other);
}

function call(method: FakeCall['method'], { host, path }: Repository, reference: string): FakeCall {
  return { method, host, path, reference };
}
