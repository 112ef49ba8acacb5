// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildImage,
  buildIndex,
  type BuiltImage,
  jsonContent,
  pushImage,
  type RunningRegistry,
} from '@promograph/devstack';
import type { Digest } from '@promograph/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SigningLab } from './signing-lab.ts';

describe('the gate of a session', () => {
  let lab: SigningLab;
  let staging: RunningRegistry;
  let canonical: RunningRegistry;
  const images = ['one', 'two'].map((seed) => buildImage({ layers: [{ sizeBytes: 2000, seed }] }));
  const [one, two] = images.map(({ manifest }) => manifest.digest);

  beforeEach(async () => {
    lab = new SigningLab();
    await lab.startSigstore();
    [staging, canonical] = [await lab.start(), await lab.start()];
    for (const image of images) await pushImage({ url: staging.url, repository: 'staging/app', image });
    lab.project('app', [staging, canonical], { app: { [one ?? '']: ['v1'], [two ?? '']: ['v2'] } });
  });
  afterEach(() => lab.close());

  function configureGate(signatures: string): void {
    const identity = `{ subject: builder@example.org, issuer: "${lab.sigstore.url}" }`;
    lab.configure(canonical, {
      more: `staging:\n  signatures: ${signatures}\n  identities: [ ${identity} ]\n`,
    });
  }

  function configureScan(more = ''): void {
    lab.configure(canonical, { more: `scan: { adapter: attestations, identities: [ { key: cosign.pub } ]${more} }\n` });
    writeFileSync(
      join(lab.tree, 'cosign.pub'),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }),
    );
  }

  it('lets unsigned images through where signatures are checked if present', async () => {
    configureGate('if-present');
    const run = await (await lab.session()).promote(undefined, { confirm: true });

    expect(run.gate?.summary).toMatchObject({ digests: 2, absent: 2, refused: 0 });
    expect(run.receipts[0]?.summary.copied).toBe(2);
  });

  it('refuses unsigned images where signatures are required, and neither copies nor signs them', async () => {
    configureGate('require');
    const run = await (await lab.session()).promote(undefined, { confirm: true, through: 'sign' });

    expect(run.gate?.summary).toMatchObject({ digests: 2, absent: 2, refused: 2 });
    expect(run.receipts[0]?.edges.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['refused', 'signature'],
      ['refused', 'signature'],
    ]);
    expect(canonical.repositories()).toEqual({});
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 0, rekorV1Entries: 0 });
  });

  it('says in a dry run what it would refuse', async () => {
    configureGate('require');

    const run = await (await lab.session()).promote(undefined, { confirm: false });

    expect(run.receipts[0]?.summary.refused).toBe(2);
  });

  it('validates exactly the evidence that the snapshot names', async () => {
    configureGate('require');
    const session = await lab.session();
    const [snapshot] = await session.snapshot();
    expect(snapshot?.evidence).toEqual(
      [one, two].sort().map((digest) => ({ source: `${staging.host}/staging/app`, digest, referrers: [] })),
    );
    const before = staging.requests.length;

    const [report] = await session.validate(['app']);

    expect(report?.gate?.summary).toMatchObject({ digests: 2, refused: 2 });
    expect(staging.requests.length).toBe(before);
  });

  it('refuses everything while a manifest that speaks of provenance cannot be read', async () => {
    lab.configure(canonical);
    lab.write('manifests/parent/promoter-manifest.yaml', 'registries: [\nprovenance: { mode: require }\n');
    lab.write('images/parent/images.yaml', '[]\n');
    const session = await lab.session();

    const run = await session.promote(['app'], { confirm: true });

    expect(run.receipts[0]?.edges.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['refused', 'provenance'],
      ['refused', 'provenance'],
    ]);
    expect(run.receipts[0]?.edges[0]?.error).toMatchObject({ code: 'PROVENANCE_UNREAD_POLICY' });
    expect(canonical.repositories()).toEqual({});
  });

  it('is not disturbed by a broken manifest that speaks of no provenance', async () => {
    lab.configure(canonical);
    lab.write('manifests/other/promoter-manifest.yaml', 'registries: [\n');
    lab.write('images/other/images.yaml', '[]\n');

    const run = await (await lab.session()).promote(['app'], { confirm: true });

    expect(run.receipts[0]?.summary).toMatchObject({ copied: 2, refused: 0 });
  });

  it('fails the edges whose evidence cannot be read, rather than letting them pass', async () => {
    configureGate('if-present');
    staging.setFault(({ path }) => (path.includes('/referrers/') ? { kind: 'status', status: 403 } : undefined));

    const run = await (await lab.session()).promote(undefined, { confirm: true });

    expect(run.receipts[0]?.edges.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(canonical.repositories()).toEqual({});
  });

  it('looks at what an index passes off as attestations, unless nothing in it can be run', async () => {
    const evil = buildImage({ layers: [{ sizeBytes: 2000, seed: 'evil' }] });
    const attestation = buildImage({
      layers: [{ sizeBytes: 20, seed: 'statement', mediaType: 'application/vnd.in-toto+json' }],
    });
    const index = indexWithAttestations(images.slice(0, 1), [evil, attestation]);
    await pushImage({ url: staging.url, repository: 'staging/app', image: index });
    lab.project('app', [staging, canonical], { app: { [index.manifest.digest]: ['v3'] } });
    configureScan();

    const [snapshot] = await (await lab.session()).snapshot();

    const children = snapshot?.evidence?.[0]?.children?.map(({ digest }) => digest);
    expect(children).toEqual([one, evil.manifest.digest]);
  });

  it('asks for scans of every image that is promoted, however deep below an index', async () => {
    const [deepest] = [buildImage({ layers: [{ sizeBytes: 10, seed: 'deepest' }] })];
    const inner = buildIndex({ images: [deepest] });
    const middle = buildIndex({ images: [inner, ...images.slice(1)] });
    const outer = buildIndex({ images: [middle, ...images.slice(0, 1)] });
    await pushImage({ url: staging.url, repository: 'staging/app', image: outer });
    lab.project('app', [staging, canonical], { app: { [outer.manifest.digest]: ['v3'] } });
    configureScan(', require: true');
    const session = await lab.session();

    const [snapshot] = await session.snapshot();
    const recorded = snapshot?.evidence?.[0]?.children ?? [];
    expect(recorded.map(({ digest, isNested = false, isIndex = false }) => [digest, isNested, isIndex])).toEqual([
      [middle.manifest.digest, false, true],
      [one, false, false],
      [inner.manifest.digest, true, true],
      [two, true, false],
      [deepest.manifest.digest, true, false],
    ]);
    const message = [one, two, deepest.manifest.digest].map(
      (digest) => expect.stringContaining(digest ?? '') as string,
    );
    const live = (await session.promote(undefined, { confirm: true })).gate?.digests[0]?.refused;
    const validated = (await session.validate(['app']))[0]?.gate?.digests[0]?.refused;
    for (const refused of [live, validated]) {
      expect(refused).toMatchObject({ reason: 'vulnerability', code: 'SCAN_ABSENT' });
      for (const digest of message) expect(refused?.message).toEqual(digest);
      for (const index of [middle, inner]) expect(refused?.message).not.toContain(index.manifest.digest);
    }
  });
});

/** An index that annotates some of its images as BuildKit does its attestations. */
function indexWithAttestations(images: readonly BuiltImage[], annotated: readonly BuiltImage[]): BuiltImage {
  const index = buildIndex({ images: [...images, ...annotated] });
  const disguise = new Set(annotated.map(({ manifest }) => manifest.digest));
  const raw = JSON.parse(index.manifest.bytes.toString()) as { manifests: { digest: Digest }[] };
  const manifests = raw.manifests.map((child) =>
    disguise.has(child.digest)
      ? {
          ...child,
          annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
          platform: { architecture: 'unknown', os: 'unknown' },
        }
      : child,
  );
  return { ...index, manifest: jsonContent(index.manifest.mediaType, { ...raw, manifests }) };
}
