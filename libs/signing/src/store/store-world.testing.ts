// SPDX-License-Identifier: Apache-2.0
import {
  buildImage,
  type FaultHook,
  pushImage,
  type RegistryOptions,
  type RunningRegistry,
  startRegistry,
} from '@promograph/devstack';
import { createMemoryLeaseStore, createMemoryLimiter } from '@promograph/limiter';
import { type Descriptor, type Digest, parseManifestDocument, parseRepository, type Repository } from '@promograph/oci';
import { createRegistryClient, profileOf, type RegistryClient } from '@promograph/registry';
import { onTestFinished } from 'vitest';
import type { NewBundle, NewSignatureLayer, SignatureStore } from '../signature-store.ts';
import { createSignatureStore, type SignatureStoreOptions } from './create-signature-store.ts';

/** A store on a registry of its own, with one image in the repository `app`. */
export interface StoreWorld {
  readonly registry: RunningRegistry;
  readonly client: RegistryClient;
  readonly store: SignatureStore;
  readonly repository: Repository;
  readonly subject: Descriptor;
}

/** When the store of a test lives. */
const NOW: Date = new Date('2026-11-21T00:49:05.123Z');

/** Everything ends with the test. */
export async function storeWorld(
  options: RegistryOptions & { readonly store?: Partial<SignatureStoreOptions> } = {},
): Promise<StoreWorld> {
  const { store, ...registryOptions } = options;
  const registry = await startRegistry(registryOptions);
  const client = testClient();
  onTestFinished(async () => {
    await client.close();
    await registry.close();
  });
  const image = buildImage({ layers: [{ sizeBytes: 10, seed: 'subject' }] });
  await pushImage({ url: registry.url, repository: 'app', image });
  registry.clearRequests();
  return {
    registry,
    client,
    store: createSignatureStore({ client, leases: createMemoryLeaseStore(), now: () => NOW, ...store }),
    repository: parseRepository(`${registry.host}/app`),
    subject: descriptor(image.manifest),
  };
}

/** A client that hardly waits between tries. */
function testClient(): RegistryClient {
  return createRegistryClient({
    limiter: createMemoryLimiter({ capFor: () => null }),
    profileFor: (host) => profileOf(host),
    credentials: { find: async () => null },
    retry: { leastDelayMs: 1, mostDelayMs: 5, attempts: 3 },
  });
}

/** Makes the embedded registry one that knows nothing of referrers. */
export const withoutReferrersApi: FaultHook = ({ method, path }) => {
  if (path.includes('/referrers/')) return { kind: 'status', status: 404 };
  return method === 'PUT' && path.includes('/manifests/') ? { kind: 'omit-header', name: 'oci-subject' } : undefined;
};

/** A layer whose signature is only a name. */
export function layerNamed(name: string, payload: string = `{"payload":"${name}"}`): NewSignatureLayer {
  return {
    bytes: Buffer.from(payload),
    annotations: { 'dev.cosignproject.cosign/signature': `signature of ${name}`, 'dev.sigstore.cosign/chain': '' },
  };
}

/** A bundle whose content is only a name. */
export function bundleNamed(name: string, predicateType: string = 'https://sigstore.dev/cosign/sign/v1'): NewBundle {
  return { bytes: Buffer.from(JSON.stringify({ bundle: name })), predicateType };
}

/** Puts a manifest of any shape under `reference`; its blobs are put as well. */
export async function putRaw(
  world: Pick<StoreWorld, 'client' | 'repository'>,
  reference: string | null,
  manifest: Readonly<Record<string, unknown>> & { readonly mediaType: string },
): Promise<Digest> {
  const document = parseManifestDocument(Buffer.from(JSON.stringify(manifest)), manifest.mediaType);
  await world.client.putManifest(world.repository, reference ?? document.digest, document);
  return document.digest;
}

/** A manifest as JSON, from the registry. */
export async function readRaw(world: StoreWorld, reference: string): Promise<Record<string, unknown> | null> {
  const document = await world.client.getManifest(world.repository, reference);
  return document && (JSON.parse(Buffer.from(document.bytes).toString('utf8')) as Record<string, unknown>);
}

function descriptor(content: Pick<Descriptor, 'mediaType' | 'digest' | 'sizeBytes'>): Descriptor {
  const { mediaType, digest, sizeBytes } = content;
  return { mediaType, digest, sizeBytes, artifactType: null, platform: null, annotations: {}, isForeign: false };
}
