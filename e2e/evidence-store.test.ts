// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuiltImage, buildImage, pushImage, startRegistry } from '@promograph/devstack';
import { createMemoryLeaseStore, createMemoryLimiter } from '@promograph/limiter';
import { type Digest, parseRepository, printRepository, type Repository } from '@promograph/oci';
import { type Replication, replicateSignatures } from '@promograph/promoter';
import {
  type CopyEngine,
  createRegistryClient,
  profileOf,
  type RegistryClient,
  referrersTag,
} from '@promograph/registry';
import {
  createSignatureStore,
  type Evidence,
  SIGNATURE_ANNOTATION,
  type SignatureStore,
  signatureTag,
} from '@promograph/signing';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cosign, type CosignProgram, type CosignRun, openCosign } from './support/cosign.ts';
import { startPeerRegistry } from './support/peer-registry.ts';

const ALL = { signatures: true, attestations: true, referrers: true };
const REGISTRIES = ['embedded', 'docker-registry'] as const;
const OFFLINE: Readonly<Record<CosignProgram, readonly string[]>> = {
  cosign2: ['--tlog-upload=false'],
  cosign3: ['--tlog-upload=false', '--use-signing-config=false'],
};

interface TestRegistry {
  readonly url: string;
  readonly host: string;
  close(): Promise<void>;
}

const client: RegistryClient = createRegistryClient({
  limiter: createMemoryLimiter({ capFor: () => null }),
  profileFor: (host) => profileOf(host),
  credentials: { find: async () => null },
});
const store: SignatureStore = createSignatureStore({ client, leases: createMemoryLeaseStore() });
const registries = new Map<(typeof REGISTRIES)[number], TestRegistry>();
const cosigns = new Map<CosignProgram, Cosign>();
let keys: string;
let images = 0;
let image: BuiltImage;
let subject: Digest;

beforeAll(async () => {
  registries.set('embedded', await startRegistry());
  registries.set('docker-registry', await startPeerRegistry());
  for (const program of ['cosign2', 'cosign3'] as const) cosigns.set(program, await openCosign(program));
  keys = mkdtempSync(join(tmpdir(), 'promograph-keys-'));
  for (const name of ['a', 'b']) {
    passes(await cosign('cosign3', 'generate-key-pair', `--output-key-prefix=${join(keys, name)}`));
  }
  writeFileSync(join(keys, 'predicate.json'), '{"tested":true}');
});
afterAll(async () => {
  await Promise.all([...registries.values(), ...cosigns.values(), client].map((opened) => opened.close()));
  rmSync(keys, { recursive: true, force: true });
});
beforeEach(async () => {
  images += 1;
  image = buildImage({ layers: [{ seed: `evidence-${images}`, sizeBytes: 100 }] });
  subject = image.manifest.digest;
  for (const { url } of registries.values()) await pushImage({ url, repository: 'app', image });
});

/** Signatures are small: what replicates them has no use for an engine. */
const unneededEngine: Pick<CopyEngine, 'copy' | 'publishTag'> = {
  copy: () => Promise.reject(new Error('not needed')),
  publishTag: () => Promise.reject(new Error('not needed')),
};

function cosign(program: CosignProgram, ...args: readonly string[]): Promise<CosignRun> {
  const opened = cosigns.get(program);
  if (opened === undefined) throw new Error(`${program} is not open`);
  return opened.run(...args);
}

function passes(run: CosignRun): void {
  expect(run.exitCode, run.stderr).toBe(0);
}

function at(registry: (typeof REGISTRIES)[number]): Repository {
  return parseRepository(`${registries.get(registry)?.host}/app`);
}

function nameOf({ host, path }: Repository): string {
  return `${host}/${path}@${subject}`;
}

async function sign(program: CosignProgram, key: string, target: Repository, ...more: string[]): Promise<void> {
  const signing = ['sign', '--yes', `--key=${join(keys, `${key}.key`)}`, ...OFFLINE[program], ...more];
  passes(await cosign(program, ...signing, nameOf(target)));
}

function verify(program: CosignProgram, key: string, target: Repository): Promise<CosignRun> {
  return cosign(program, 'verify', `--key=${join(keys, `${key}.pub`)}`, '--insecure-ignore-tlog', nameOf(target));
}

async function layouts(target: Repository): Promise<string[]> {
  const { pieces } = await store.gather(target, subject, ALL);
  return pieces.map(({ layout }) => layout);
}

function layersOf({
  pieces,
}: Evidence): { readonly bytes: Buffer; readonly annotations: Readonly<Record<string, string>> }[] {
  return pieces.flatMap((piece) => (piece.layout === 'sig' ? [piece] : []));
}

describe.each(REGISTRIES)('evidence on %s', (registry) => {
  const legacy = '--new-bundle-format=false';

  it('is read as both cosigns write it', async () => {
    const target = at(registry);
    await sign('cosign2', 'a', target);
    await sign('cosign3', 'b', target, legacy);
    await sign('cosign3', 'a', target);
    const attesting = [
      'attest',
      '--yes',
      `--key=${join(keys, 'a.key')}`,
      `--predicate=${join(keys, 'predicate.json')}`,
    ];
    passes(await cosign('cosign2', ...attesting, ...OFFLINE.cosign2, nameOf(target)));
    passes(await cosign('cosign3', ...attesting, ...OFFLINE.cosign3, nameOf(target)));

    const evidence = await store.gather(target, subject, ALL);

    expect(evidence).toMatchObject({ excess: null, unreadable: [] });
    expect(evidence.pieces.map(({ layout }) => layout)).toEqual(['sig', 'sig', 'att', 'bundle', 'bundle']);
    for (const { annotations, bytes } of layersOf(evidence)) {
      expect(annotations[SIGNATURE_ANNOTATION]).toMatch(/^[A-Za-z0-9+/]+=*$/);
      expect(JSON.parse(bytes.toString())).toMatchObject({
        critical: { image: { 'docker-manifest-digest': subject } },
      });
    }
    const listed = await store.listEvidence(target, subject, ALL);
    expect(await store.gatherExact(target, subject, listed)).toEqual(evidence);
  });

  it('of two signers is merged, and both cosigns verify both', async () => {
    const target = at(registry);
    const other = at(registry === 'embedded' ? 'docker-registry' : 'embedded');
    await sign('cosign2', 'a', target);
    await sign('cosign2', 'b', other);
    const before = await store.gather(target, subject, ALL);
    const added = layersOf(await store.gather(other, subject, ALL));

    const { status } = await store.addSignatures(target, subject, added);
    const again = await store.addSignatures(target, subject, added);

    expect([status, again.status]).toEqual(['written', 'present']);
    const merged = layersOf(await store.gather(target, subject, ALL));
    expect(merged.map(({ bytes, annotations }) => ({ bytes, annotations }))).toEqual(
      [...layersOf(before), ...added].map(({ bytes, annotations }) => ({ bytes, annotations })),
    );
    for (const program of ['cosign2', 'cosign3'] as const) {
      for (const key of ['a', 'b']) passes(await verify(program, key, target));
    }
    // What cosign adds afterwards joins what we wrote.
    await sign('cosign2', 'b', target);
    expect(await layouts(target)).toEqual(['sig', 'sig', 'sig']);
  });

  it('is laid out as cosign lays it out, byte for byte', async () => {
    const target = at(registry);
    const other = at(registry === 'embedded' ? 'docker-registry' : 'embedded');
    await sign('cosign2', 'a', target);
    const layers = layersOf(await store.gather(target, subject, ALL));
    await store.addSignatures(other, subject, layers);

    const tag = signatureTag(subject) ?? '';
    const [theirs, ours] = await Promise.all([client.getManifest(target, tag), client.getManifest(other, tag)]);
    expect(Buffer.from(ours?.bytes ?? '').toString()).toBe(Buffer.from(theirs?.bytes ?? '').toString());
  });

  it('that is carried is what cosign verifies, and stays when cosign signs again', async () => {
    const target = at(registry);
    const staging = at(registry === 'embedded' ? 'docker-registry' : 'embedded');
    await sign('cosign3', 'a', staging);
    const [bundle] = (await store.gather(staging, subject, ALL)).pieces;
    if (bundle?.layout !== 'bundle') throw new Error('no bundle');
    expect((await verify('cosign3', 'a', target)).exitCode).not.toBe(0);

    expect((await store.carryBundle(target, subject, bundle)).status).toBe('written');
    expect((await store.carryBundle(target, subject, bundle)).status).toBe('present');

    passes(await verify('cosign3', 'a', target));
    await sign('cosign3', 'b', target);
    const { pieces } = await store.gather(target, subject, ALL);
    expect(pieces).toHaveLength(2);
    expect(pieces).toContainEqual(bundle);
    for (const key of ['a', 'b']) passes(await verify('cosign3', key, target));
    const fallback = await client.getManifest(target, referrersTag(subject));
    expect(fallback === null).toBe(registry === 'embedded');
  });

  it('is attached so that cosign verifies it, beside what cosign attached', async () => {
    const target = at(registry);
    const other = at(registry === 'embedded' ? 'docker-registry' : 'embedded');
    await sign('cosign3', 'a', target);
    await sign('cosign3', 'b', other);
    const [bundle] = (await store.gather(other, subject, ALL)).pieces;
    if (bundle === undefined) throw new Error('no bundle');
    const { digest, sizeBytes, mediaType } = image.manifest;
    const described = { artifactType: null, platform: null, annotations: {}, isForeign: false };

    await store.attachBundle(
      target,
      { digest, sizeBytes, mediaType, ...described },
      { bytes: bundle.bytes, predicateType: 'https://sigstore.dev/cosign/sign/v1' },
    );

    for (const key of ['a', 'b']) passes(await verify('cosign3', key, target));
    expect(await layouts(target)).toEqual(['bundle', 'bundle']);
  });

  it('is replicated to a mirror so that both cosigns verify it there', async () => {
    const mirror = at(registry);
    const canonical = at(registry === 'embedded' ? 'docker-registry' : 'embedded');
    await sign('cosign2', 'a', canonical);
    await sign('cosign3', 'b', canonical);
    const reference = printRepository(canonical);
    const route = { canonical: reference, reference, mirrors: [printRepository(mirror)], digests: [subject] };
    const missing = { signal: undefined, onProgress: () => undefined };
    const ports = { client, leases: createMemoryLeaseStore(), store, engine: unneededEngine, ...missing };
    const replicate = (referrers: boolean): Promise<Replication> =>
      replicateSignatures({ routes: [route], canonicals: new Set(), confirm: true, referrers }, ports);

    expect((await replicate(false)).summary).toMatchObject({ failed: 0 });
    for (const program of ['cosign2', 'cosign3'] as const) passes(await verify(program, 'a', mirror));
    expect(await layouts(mirror)).toEqual(['sig']);
    expect((await replicate(true)).summary).toMatchObject({ failed: 0 });
    passes(await verify('cosign3', 'b', mirror));
    expect((await replicate(true)).summary).toMatchObject({ missing: 0, failed: 0 });
  });

  it('of two processes at once is all there', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'promograph-writers-'));
    const script = fileURLToPath(new URL('support/write-evidence.ts', import.meta.url));
    const target = at(registry);
    const args = [target.host, subject, String(image.manifest.sizeBytes), join(dir, 'leases.sqlite')];

    await Promise.all(
      ['one', 'two'].map((name) => execa(process.execPath, [script, ...args, name, '10'], { timeout: 120_000 })),
    );

    rmSync(dir, { recursive: true, force: true });
    const { pieces, unreadable } = await store.gather(target, subject, ALL);
    const written = ['one', 'two'].flatMap((name) => Array.from({ length: 10 }, (_, index) => `${name}-${index}`));
    const found = (layout: string): string[] =>
      pieces
        .filter((piece) => piece.layout === layout)
        .flatMap(({ bytes }) => Object.values(JSON.parse(bytes.toString()) as Record<string, string>))
        .sort();
    expect(unreadable).toEqual([]);
    expect(found('sig')).toEqual(written.sort());
    expect(found('bundle')).toEqual(written.sort());
  });
});
