// SPDX-License-Identifier: Apache-2.0
import { buildImage, DEFAULT_SIGNER_EMAIL, pushImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PromoteRun } from '../src/index.ts';
import { SigningLab } from './signing-lab.ts';

const BUILDER = 'builder@devstack.example';
const STRANGER = 'stranger@devstack.example';
const image = buildImage({ layers: [{ sizeBytes: 2000, seed: 'app' }] });
const { digest } = image.manifest;
const SIG = `${digest.replace(':', '-')}.sig`;

describe('signatures in the .sig layout of staging', () => {
  let lab: SigningLab;
  let [origin, staging, canonical]: readonly RunningRegistry[] = [];

  beforeEach(async () => {
    lab = new SigningLab();
    await lab.startSigstore();
    [origin, staging, canonical] = [await lab.start(), await lab.start(), await lab.start()];
    await pushImage({ url: origin.url, repository: 'staging/app', image });
  });
  afterEach(() => lab.close());

  /** A signature by that account at the staging registry, made by a promotion to there. */
  async function signInStaging(email: string): Promise<void> {
    if (origin === undefined || staging === undefined) throw new Error('no registries');
    lab.project('app', [origin, staging], { app: { [digest]: ['v1'] } });
    lab.configure(staging, { subject: email, signing: '  formats: [legacy]\n' });
    const env = { XDG_STATE_HOME: `${lab.dir}/state`, SIGSTORE_ID_TOKEN: lab.sigstore.token({ email }) };
    const { trust } = await (await lab.session({ env })).promote(undefined, { confirm: true, through: 'sign' });
    expect(trust.map(({ summary }) => summary.failed)).toEqual([0]);
  }

  /** From the staging registry to production, where signatures of the builder are expected. */
  async function promote(more = ''): Promise<PromoteRun> {
    if (staging === undefined || canonical === undefined) throw new Error('no registries');
    const registries = `registries:\n- { name: "${staging.host}/prod", src: true }\n- { name: "${canonical.host}/prod" }\n`;
    lab.write('manifests/app/promoter-manifest.yaml', registries);
    const identity = `{ subject: ${BUILDER}, issuer: "${lab.sigstore.url}" }`;
    lab.configure(canonical, { more: `staging: { signatures: if-present, identities: [ ${identity} ] }\n${more}` });
    return (await lab.session()).promote(undefined, { confirm: true, through: 'sign' });
  }

  /** The accounts whose certificates the layers of the `.sig` tag carry, in their order. */
  async function signersAt(registry: RunningRegistry | undefined): Promise<readonly string[]> {
    const response = await fetch(`${registry?.url}/v2/prod/app/manifests/${SIG}`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const { layers } = (await response.json()) as { layers: { annotations: Record<string, string> }[] };
    return layers.map(({ annotations }) => {
      const pem = annotations['dev.sigstore.cosign/certificate'] ?? '';
      const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64').toString('latin1');
      return [BUILDER, STRANGER, DEFAULT_SIGNER_EMAIL].find((email) => der.includes(email)) ?? 'nobody';
    });
  }

  it('go along where an expected signer made them, before ours, and the image verifies', async () => {
    await signInStaging(BUILDER);

    const { gate, receipts } = await promote();

    expect(gate?.digests.map(({ signature }) => signature.verdict)).toEqual(['verified']);
    expect(receipts[0]?.summary.failed).toBe(0);
    expect(await signersAt(canonical)).toEqual([BUILDER, DEFAULT_SIGNER_EMAIL]);
    expect((await (await lab.session()).verify({})).report.findings).toEqual([]);
  });

  it('go along once, with no request and no signature of ours more', async () => {
    await signInStaging(BUILDER);
    await promote();
    const entries = lab.sigstore.counts().rekorV1Entries;

    const { trust } = await (
      await lab.session()
    ).promote(undefined, { confirm: true, through: 'sign', scope: 'present' });

    expect(trust[0]?.summary).toMatchObject({ present: 1, written: 0 });
    expect(lab.sigstore.counts().rekorV1Entries).toBe(entries);
    expect(await signersAt(canonical)).toEqual([BUILDER, DEFAULT_SIGNER_EMAIL]);
  });

  it('go along whichever of two sources with the same image is promoted first', async () => {
    if (staging === undefined || canonical === undefined) throw new Error('no registries');
    await signInStaging(BUILDER);
    await pushImage({ url: staging.url, repository: 'first/app', image });
    const registries = `registries:\n- { name: "${staging.host}/first", src: true }\n- { name: "${canonical.host}/prod" }\n`;
    lab.write('manifests/a-first/promoter-manifest.yaml', registries);
    lab.write('images/a-first/images.yaml', `- name: app\n  dmap:\n    "${digest}": ["other"]\n`);

    const { gate, receipts } = await promote();

    expect(gate?.digests.map(({ signature }) => signature.verdict)).toEqual(['absent', 'verified']);
    expect(receipts.map(({ project, summary }) => [project, summary.failed])).toEqual([
      ['a-first', 0],
      ['app', 0],
    ]);
    expect(await signersAt(canonical)).toEqual([BUILDER, DEFAULT_SIGNER_EMAIL]);
  });

  it('stay behind where a stranger made them', async () => {
    await signInStaging(STRANGER);

    const { gate } = await promote();

    expect(gate?.digests.map(({ signature }) => signature.verdict)).toEqual(['untrusted']);
    expect(await signersAt(canonical)).toEqual([DEFAULT_SIGNER_EMAIL]);
  });

  it('84. are not missed where there are none', async () => {
    if (origin === undefined || staging === undefined) throw new Error('no registries');
    await pushImage({ url: staging.url, repository: 'prod/app', image });
    lab.project('app', [origin, staging], { app: { [digest]: ['v1'] } });

    const { gate, receipts } = await promote();

    expect(gate?.digests.map(({ signature }) => signature.verdict)).toEqual(['absent']);
    expect(receipts[0]?.summary).toMatchObject({ copied: 1, failed: 0 });
    expect(await signersAt(canonical)).toEqual([DEFAULT_SIGNER_EMAIL]);
  });
});
