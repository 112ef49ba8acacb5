// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RegistryOptions, type RunningRegistry, startRegistry } from '@promograph/devstack';
import { createMemoryLeaseStore, createMemoryLimiter } from '@promograph/limiter';
import { type Digest, digestOf, MEDIA_TYPES, parseRepository, type Repository } from '@promograph/oci';
import { createCopyEngine, createRegistryClient, profileOf, type RegistryClient } from '@promograph/registry';
import { createSignatureStore, type SignatureStore } from '@promograph/signing';
import { onTestFinished } from 'vitest';
import { type ReplicateInput, type ReplicatePorts, replicateSignatures } from './replicate-signatures.ts';
import type { ReplicationRoute } from './replication-route.ts';
import type { Replication } from './replication-tally.ts';

/** A canonical registry and two mirrors, with what is needed to replicate between them. */
export interface ReplicateWorld {
  readonly canonical: RunningRegistry;
  readonly mirrors: readonly [RunningRegistry, RunningRegistry];
  readonly client: RegistryClient;
  readonly store: SignatureStore;
  /** Confirmed unless `input` says otherwise. */
  replicate(input?: Partial<ReplicateInput>, ports?: Partial<ReplicatePorts>): Promise<Replication>;
  /** The route of repository `path`, from the canonical registry to both mirrors. */
  route(path: string, digests: readonly Digest[]): ReplicationRoute;
  /** Adds a signature layer at the canonical registry. */
  sign(path: string, subject: Digest, payload?: string | Buffer): Promise<void>;
  attach(repository: Repository, subject: Digest, text: string, predicateType?: string): Promise<Digest>;
}

const SIGN = 'https://sigstore.dev/cosign/sign/v1';

/** Everything ends with the test. */
export async function replicateWorld(options: RegistryOptions = {}, mirrorOptions = options): Promise<ReplicateWorld> {
  const [canonical, one, two] = await Promise.all([options, mirrorOptions, mirrorOptions].map(startRegistry));
  if (canonical === undefined || one === undefined || two === undefined) throw new Error('no registries');
  const client = createRegistryClient({
    limiter: createMemoryLimiter({ capFor: () => null }),
    profileFor: (host) => profileOf(host),
    credentials: { find: async () => null },
    retry: { leastDelayMs: 1, mostDelayMs: 5, attempts: 2 },
  });
  const leases = createMemoryLeaseStore();
  const spool = mkdtempSync(join(tmpdir(), 'promograph-replicate-'));
  const engine = createCopyEngine({ client, leases, spoolDir: join(spool, 'spool') });
  const store = createSignatureStore({ client, leases });
  onTestFinished(async () => {
    await engine.close();
    await client.close();
    await Promise.all([canonical, one, two].map((registry) => registry.close()));
    rmSync(spool, { recursive: true, force: true });
  });
  const mirrors = [one, two] as const;
  const ports = { client, engine, leases, store, signal: undefined, onProgress: () => undefined };
  return {
    canonical,
    mirrors,
    client,
    store,
    replicate: (input = {}, more = {}) =>
      replicateSignatures(
        { routes: [], canonicals: new Set(), confirm: true, referrers: false, ...input },
        { ...ports, ...more },
      ),
    route: (path, digests) => ({
      canonical: `${canonical.host}/${path}`,
      reference: `images.example.org/${path}`,
      mirrors: mirrors.map(({ host }) => `${host}/${path}`),
      digests,
    }),
    sign: async (path, subject, payload = 'signature') => {
      const bytes = typeof payload === 'string' ? Buffer.from(`payload of ${payload}`) : payload;
      const layer = { bytes, annotations: signatureNamed(payload.toString()) };
      await store.addSignatures(parseRepository(`${canonical.host}/${path}`), subject, [layer]);
    },
    attach: async (...[repository, subject, text, predicateType = SIGN]) => {
      const bundle = { bytes: Buffer.from(JSON.stringify({ bundle: text })), predicateType };
      return (await store.attachBundle(repository, descriptorOf(subject), bundle)).digest;
    },
  };
}

/** A digest of nothing in particular. */
export function subjectNamed(name: string): Digest {
  return digestOf(`the image ${name}`);
}

/** Annotations of a signature layer, different for each text. */
export function signatureNamed(text: string): Record<string, string> {
  return { 'dev.cosignproject.cosign/signature': text };
}

function descriptorOf(digest: Digest): Parameters<SignatureStore['attachBundle']>[1] {
  const known = { artifactType: null, platform: null, annotations: {}, isForeign: false };
  return { mediaType: MEDIA_TYPES.ociManifest, digest, sizeBytes: 100, ...known };
}
