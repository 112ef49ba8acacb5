// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import {
  buildImage,
  buildIndex,
  type BuiltImage,
  pushImage,
  type RunningRegistry,
  type RunningSigstore,
  startRegistry,
  startSigstore,
} from '@promograph/devstack';
import { createMemoryLeaseStore, createMemoryLimiter } from '@promograph/limiter';
import { type Digest, MEDIA_TYPES, parseRepository, type Repository } from '@promograph/oci';
import { createRegistryClient, profileOf, type RegistryClient } from '@promograph/registry';
import {
  createExaminer,
  createImageSigner,
  createServiceClient,
  createSignatureStore,
  createTokenSource,
  DEFAULT_EVIDENCE_LIMITS,
  type EvidenceLimits,
  type Examination,
  type ImageSigner,
  type ImageVerdict,
  judgeImage,
  parseSigningConfig,
  selectServices,
  type ServiceClient,
  type SignatureExpectation,
  type SignatureStore,
} from '@promograph/signing';

/** An image whose evidence a test writes and judges. */
export interface LabImage {
  readonly repository: Repository;
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** `host/path`: the docker-reference of an honest signature. */
  readonly name: string;
  /** `host/path@digest`, for cosign. */
  readonly reference: string;
  readonly children: readonly Digest[];
}

/** Whose name a lab's own signer has; every other is a stranger's. */
export const OWN_EMAIL = 'release@devstack.example';
export const OTHER_ISSUER = 'https://other-issuer.example';

const ALL = { signatures: true, attestations: true, referrers: true };

/** A sigstore, a registry, and our own verification of what lies there. */
export class EvidenceLab {
  readonly sigstore: RunningSigstore;
  readonly registry: RunningRegistry;
  readonly store: SignatureStore;
  readonly #registryClient: RegistryClient;
  readonly #client: ServiceClient;
  #images = 0;

  private constructor(sigstore: RunningSigstore, registry: RunningRegistry) {
    const limiter = createMemoryLimiter({ capFor: () => null });
    this.sigstore = sigstore;
    this.registry = registry;
    this.#client = createServiceClient({ limiter });
    this.#registryClient = createRegistryClient({
      limiter,
      profileFor: (host) => profileOf(host),
      credentials: { find: async () => null },
    });
    this.store = this.storeWith(DEFAULT_EVIDENCE_LIMITS);
  }

  static async open(): Promise<EvidenceLab> {
    return new EvidenceLab(...(await Promise.all([startSigstore({ issuers: [OTHER_ISSUER] }), startRegistry()])));
  }

  storeWith(limits: Partial<EvidenceLimits>): SignatureStore {
    return createSignatureStore({ client: this.#registryClient, leases: createMemoryLeaseStore(), limits });
  }

  /** A signer with certificates for an address, from our issuer unless another is named. */
  signer(email: string = OWN_EMAIL, issuer: string = this.sigstore.url): ImageSigner {
    const identity = { subject: email, issuer };
    const env = { SIGSTORE_ID_TOKEN: this.sigstore.token({ email, issuer }) };
    const tokens = createTokenSource({ kind: 'env' }, { client: this.#client, subject: email, env });
    return createImageSigner({
      signatory: { kind: 'keyless', identity, tokens },
      services: selectServices(parseSigningConfig(readFileSync(this.sigstore.files.signingConfig)), Date.now()),
      client: this.#client,
      examiner: createExaminer({ trustedRoots: [this.trustedRoot()] }),
    });
  }

  trustedRoot(): object {
    return JSON.parse(readFileSync(this.sigstore.files.trustedRoot, 'utf8')) as object;
  }

  /** Pushes an image, or an index of two, to a repository of its own. */
  async image(kind: 'image' | 'index' = 'image'): Promise<LabImage> {
    this.#images += 1;
    const build = (seed: string): BuiltImage => buildImage({ layers: [{ seed, sizeBytes: 50 }] });
    const seed = `evidence-lab-${this.#images}`;
    const children = kind === 'index' ? [build(`${seed}-a`), build(`${seed}-b`)] : [];
    const image = kind === 'index' ? buildIndex({ images: children }) : build(seed);
    return { ...(await this.push(`app-${this.#images}`, image)), children: children.map((one) => one.manifest.digest) };
  }

  /** Pushes an image to a repository by name. */
  async push(path: string, image: BuiltImage): Promise<LabImage> {
    await pushImage({ url: this.registry.url, repository: path, image, tags: ['v1'] });
    const name = `${this.registry.host}/${path}`;
    const { digest, sizeBytes } = image.manifest;
    return { repository: parseRepository(name), digest, sizeBytes, name, reference: `${name}@${digest}`, children: [] };
  }

  /** Writes a layer into the `.sig` image. */
  async addLayer(
    image: LabImage,
    layer: { bytes: Buffer; annotations: Readonly<Record<string, string>> },
  ): Promise<void> {
    await this.store.addSignatures(image.repository, image.digest, [layer]);
  }

  /** Attaches a bundle under any annotation. */
  async attach(image: LabImage, bytes: Buffer, predicateType: string): Promise<void> {
    const { digest, sizeBytes } = image;
    const plain = { artifactType: null, platform: null, annotations: {}, isForeign: false };
    const subject = { ...plain, mediaType: MEDIA_TYPES.ociManifest, digest, sizeBytes };
    await this.store.attachBundle(image.repository, subject, { bytes, predicateType });
  }

  /** What our verification makes of all evidence about a digest of the image. */
  async examine(image: LabImage, store = this.store, keys: readonly string[] = []): Promise<readonly Examination[]> {
    const examiner = createExaminer({ trustedRoots: [this.trustedRoot()], keys });
    const { pieces } = await store.gather(image.repository, image.digest, ALL);
    return Promise.all(pieces.map((piece) => examiner.examine(piece, image.name)));
  }

  /** Whether the image is signed by us, for its own name unless another is expected. */
  async judge(
    image: LabImage,
    expected: Partial<SignatureExpectation> & { store?: SignatureStore } = {},
  ): Promise<ImageVerdict> {
    const { store = this.store, ...expectation } = expected;
    const examiner = createExaminer({ trustedRoots: [this.trustedRoot()] });
    const evidence = await store.gather(image.repository, image.digest, ALL);
    const examinations = await Promise.all(evidence.pieces.map((piece) => examiner.examine(piece, image.name)));
    return judgeImage(examinations, evidence, { ...this.expectation(image), ...expectation });
  }

  expectation(image: LabImage): SignatureExpectation {
    const signers = [{ kind: 'identity', subject: OWN_EMAIL, issuer: this.sigstore.url } as const];
    return { subject: image.digest, signers, reference: image.name };
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#registryClient.close()]);
    await Promise.all([this.sigstore.close(), this.registry.close()]);
  }
}
