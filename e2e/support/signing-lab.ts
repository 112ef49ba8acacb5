// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import {
  buildImage,
  pushImage,
  type RunningRegistry,
  type RunningSigstore,
  startRegistry,
  startSigstore,
} from '@promograph/devstack';
import { createMemoryLeaseStore, createMemoryLimiter } from '@promograph/limiter';
import { type Descriptor, parseManifestDocument, parseRepository, printRepository } from '@promograph/oci';
import { createRegistryClient, profileOf } from '@promograph/registry';
import {
  createServiceClient,
  createSignatureStore,
  type ImageSigner,
  parseSigningConfig,
  selectServices,
  type ServiceClient,
  SIGN_PREDICATE_TYPE,
  type SigningServices,
  simpleSigningPayload,
} from '@promograph/signing';

/** A sigstore, a registry with images, and what signs them without a promotion. */
export interface SigningLab {
  readonly sigstore: RunningSigstore;
  readonly client: ServiceClient;
  readonly trustedRoot: object;
  services(rekor: 1 | 2): SigningServices;
  /** Pushes an image that nobody signed yet; answers its reference by digest. */
  image(): Promise<UnsignedImage>;
  /** Writes a signature in each layout that is asked for. */
  sign(signer: ImageSigner, image: UnsignedImage, layouts: readonly ('sig' | 'bundle')[]): Promise<void>;
  close(): Promise<void>;
}

/** An image of the lab. */
export interface UnsignedImage {
  readonly reference: string;
  readonly repository: string;
  readonly subject: Descriptor;
}

/** Starts a lab. */
export async function openSigningLab(): Promise<SigningLab> {
  const [sigstore, registry] = await Promise.all([startSigstore(), startRegistry()]);
  const limiter = createMemoryLimiter({ capFor: () => null });
  const registryClient = createRegistryClient({
    limiter,
    profileFor: (host) => profileOf(host),
    credentials: { find: async () => null },
  });
  const store = createSignatureStore({ client: registryClient, leases: createMemoryLeaseStore() });
  const client = createServiceClient({ limiter });
  let images = 0;
  return {
    sigstore,
    client,
    trustedRoot: JSON.parse(readFileSync(sigstore.files.trustedRoot, 'utf8')) as object,
    services: (rekor) => {
      const { signingConfig, signingConfigRekorV2 } = sigstore.files;
      return selectServices(
        parseSigningConfig(readFileSync(rekor === 1 ? signingConfig : signingConfigRekorV2)),
        Date.now(),
      );
    },
    image: () => pushUnsigned(registry, (images += 1)),
    sign: async (signer, { repository, subject }, layouts) => {
      const at = parseRepository(repository);
      if (layouts.includes('sig')) {
        const layer = await signer.signPayload(simpleSigningPayload(repository, subject.digest));
        await store.addSignatures(at, subject.digest, [layer]);
      }
      if (layouts.includes('bundle')) {
        const { bundle } = await signer.signStatement(statementOf(repository, subject));
        await store.attachBundle(at, subject, { bytes: bundle, predicateType: SIGN_PREDICATE_TYPE });
      }
    },
    close: async () => {
      await Promise.all([client.close(), registryClient.close()]);
      await Promise.all([sigstore.close(), registry.close()]);
    },
  };
}

async function pushUnsigned(registry: RunningRegistry, number: number): Promise<UnsignedImage> {
  const built = buildImage({ layers: [{ seed: `signing-lab-${number}`, sizeBytes: 100 }] });
  await pushImage({ url: registry.url, repository: `app-${number}`, image: built, tags: ['v1'] });
  const { bytes, mediaType, digest } = built.manifest;
  const repository = printRepository(parseRepository(`${registry.host}/app-${number}`));
  const document = parseManifestDocument(bytes, mediaType);
  return {
    reference: `${repository}@${digest}`,
    repository,
    subject: {
      digest: document.digest,
      mediaType: document.mediaType,
      sizeBytes: bytes.length,
      artifactType: null,
      platform: null,
      annotations: {},
      isForeign: false,
    },
  };
}

function statementOf(name: string, { digest }: Descriptor): Buffer {
  return Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name, digest: { sha256: digest.slice('sha256:'.length) } }],
      predicateType: SIGN_PREDICATE_TYPE,
      predicate: {},
    }),
  );
}
