// SPDX-License-Identifier: Apache-2.0
import { buildImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runTask } from '../src/index.ts';
import { SigningLab } from './signing-lab.ts';

const RECORD_TYPE = 'https://example.org/promotion/v1';

describe('signing what is there already', () => {
  let lab: SigningLab;
  let staging: RunningRegistry;
  let canonical: RunningRegistry;
  const tool = buildImage({ layers: [{ sizeBytes: 2000, seed: 'tool' }] });
  const { digest } = tool.manifest;

  beforeEach(async () => {
    lab = new SigningLab();
    ({ staging, canonical } = await lab.startWith('tool', tool));
    lab.configure(canonical);
  });
  afterEach(() => lab.close());

  it('tells of a digest that cannot even be read', async () => {
    const session = await lab.session();
    await session.promote(undefined, { confirm: true });
    canonical.setFault(({ method, route }) =>
      method === 'GET' && route.kind === 'manifest' ? { kind: 'status', status: 403 } : undefined,
    );

    const { trust } = await session.promote(undefined, { confirm: true, through: 'sign', scope: 'present' });

    expect(trust[0]?.summary).toMatchObject({ failed: 1, notLookedAt: 0 });
    expect(trust[0]?.digests).toMatchObject([{ digest, outcome: 'failed', error: { code: 'REGISTRY_FORBIDDEN' } }]);
  });

  it('tells of a digest that two projects share in the receipts of both, and counts it as written in one', async () => {
    lab.project('other', [staging, canonical], { tool: { [digest]: ['v2'] } });
    lab.configure(canonical, { more: 'attest: {}\n' });
    const session = await lab.session();

    const { trust } = await session.promote(undefined, { confirm: true, through: 'attest' });

    for (const stage of ['sign', 'attest'] as const) {
      const receipts = trust.filter((receipt) => receipt.stage === stage);
      expect(receipts.map(({ project, digests }) => [project, digests.map((one) => one.digest)])).toEqual([
        ['other', [digest]],
        ['tool', [digest]],
      ]);
      expect(receipts.flatMap(({ digests }) => digests.map(({ outcome }) => outcome)).toSorted()).toEqual([
        'present',
        'written',
      ]);
    }
    expect(lab.sigstore.counts().rekorV1Entries).toBe(3);
    expect(trust.reduce((sum, { summary }) => sum + summary.logEntries, 0)).toBe(3);
  });

  it('asks for no certificate, and tries no writing, where everything is signed', async () => {
    lab.configure(canonical, { more: 'attest: {}\n' });
    await (await lab.session()).promote(undefined, { confirm: true, through: 'attest' });
    canonical.clearRequests();

    const { trust } = await (
      await lab.session()
    ).promote(undefined, { confirm: true, through: 'attest', scope: 'present' });

    expect(trust.map(({ summary }) => [summary.present, summary.certificates])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(lab.sigstore.counts().certificates).toBe(1);
    expect(canonical.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  });

  it.each([
    ['no certificate is given', 'fulcio'],
    ['the registry cannot be written', 'registry'],
  ])('fails as a whole where something is unsigned and %s', async (_, refused) => {
    await (await lab.session()).promote(undefined, { confirm: true });
    if (refused === 'fulcio') {
      lab.sigstore.setFault(({ service }) => (service === 'fulcio' ? { kind: 'status', status: 400 } : undefined));
    } else {
      canonical.setFault(({ method }) => (method === 'POST' ? { kind: 'status', status: 403 } : undefined));
    }

    const run = (await lab.session()).promote(undefined, { confirm: true, through: 'sign', scope: 'present' });

    await expect(run).rejects.toMatchObject({
      code: refused === 'fulcio' ? 'SIGNING_CERTIFICATE' : 'REGISTRY_FORBIDDEN',
    });
    expect(lab.sigstore.counts().rekorV1Entries).toBe(0);
  });

  it('does not count what it was asked to look at as left out', async () => {
    const session = await lab.session();
    await session.promote(undefined, { confirm: true });

    const { trust } = await session.promote(undefined, { confirm: true, through: 'sign', scope: 'present' });

    expect(trust[0]?.summary).toMatchObject({ written: 1, notLookedAt: 0 });
  });

  it('tells of a digest whose signing was interrupted', async () => {
    await (await lab.session()).promote(undefined, { confirm: true });
    const controller = new AbortController();
    const session = await lab.session({ signal: controller.signal });
    lab.sigstore.setFault(({ service }) => {
      if (service === 'rekorV1') controller.abort();
      return undefined;
    });

    const { trust } = await session.promote(undefined, { confirm: true, through: 'sign', scope: 'present' });

    expect(trust[0]?.summary).toMatchObject({ written: 0, skipped: 1 });
  });

  it('finds promotion records of the type that is configured', async () => {
    lab.configure(canonical, { more: `attest: { predicateType: "${RECORD_TYPE}" }\n` });
    const session = await lab.session();
    await session.promote(undefined, { confirm: true, through: 'attest' });

    expect((await session.verify({})).report.findings).toEqual([]);
  });

  it('writes no record where none is expected', async () => {
    lab.configure(canonical, { signing: '  formats: [legacy]\n' });
    const session = await lab.session();
    await session.promote(undefined, { confirm: true });

    const { report } = await session.verify({ confirm: true });

    expect(report.summary).toMatchObject({ findings: 0, healed: 1 });
    expect(lab.sigstore.counts().rekorV1Entries).toBe(1);
  });

  it('refuses to attest where only .sig tags are written, before anything is copied', async () => {
    lab.configure(canonical, { signing: '  formats: [legacy]\n' });
    const session = await lab.session();

    const run = session.promote(undefined, { confirm: true, through: 'attest' });

    await expect(run).rejects.toMatchObject({ code: 'PROMOTER_INVALID_INPUT' });
    expect(canonical.repositories()).toEqual({});
  });

  it('is a trouble of the task where the gate refuses it', async () => {
    await (await lab.session()).promote(undefined, { confirm: true });
    const identity = `{ subject: builder@example.org, issuer: "${lab.sigstore.url}" }`;
    lab.configure(canonical, { more: `staging: { signatures: require, identities: [ ${identity} ] }\n` });
    const request = { stage: 'sign', project: 'tool', confirm: true, failOn: [], scope: 'present' } as const;

    const { success, text } = await runTask(await lab.session(), request);

    expect(success).toBe(false);
    expect(text).toContain('SIG_ABSENT');
    expect(lab.sigstore.counts().rekorV1Entries).toBe(0);
  });
});
