// SPDX-License-Identifier: Apache-2.0
import { buildImage, buildIndex, type BuiltImage, pushImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SigningLab } from './signing-lab.ts';

const image = (seed: string): BuiltImage => buildImage({ layers: [{ sizeBytes: 2000, seed }] });

describe('a session that signs and attests', () => {
  let lab: SigningLab;
  let staging: RunningRegistry;
  let canonical: RunningRegistry;
  let mirror: RunningRegistry;
  const web = buildIndex({ images: [image('amd64'), image('arm64')] });
  const tool = image('tool');

  beforeEach(async () => {
    lab = new SigningLab();
    await lab.startSigstore();
    [staging, canonical, mirror] = [await lab.start(), await lab.start(), await lab.start()];
    await pushImage({ url: staging.url, repository: 'staging/web', image: web });
    await pushImage({ url: staging.url, repository: 'staging/tool', image: tool });
    lab.project('web', [staging, canonical, mirror], { web: { [web.manifest.digest]: ['v1', 'v1.2'] } });
    lab.project('tool', [staging, canonical], { tool: { [tool.manifest.digest]: [] } });
    lab.configure(canonical, { more: 'attest: {}\n' });
  });
  afterEach(() => lab.close());

  it('82. signs and attests every digest once, and finds it all the second time', async () => {
    const session = await lab.session();

    const run = await session.promote(undefined, { confirm: true, through: 'attest' });

    expect(run.receipts.map(({ summary }) => [summary.copied, summary.failed])).toEqual([
      [1, 0],
      [4, 0],
    ]);
    // Two layouts for each of four digests, and a record for each of two images.
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 1, rekorV1Entries: 10 });
    expect(run.trust.map(({ stage, summary }) => [stage, summary.written])).toEqual([
      ['sign', 1],
      ['attest', 1],
      ['sign', 3],
      ['attest', 1],
    ]);

    const again = await session.promote(undefined, { confirm: true, through: 'attest', scope: 'present' });

    expect(again.trust.map(({ summary }) => [summary.written, summary.present])).toEqual([
      [0, 1],
      [0, 1],
      [0, 3],
      [0, 1],
    ]);
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 1, rekorV1Entries: 10 });
  });

  it('verifies what it promoted, and nothing else', async () => {
    const session = await lab.session();
    expect((await session.verify({})).report.summary).toMatchObject({ images: 0, findings: 5 });

    await session.promote(undefined, { confirm: true, through: 'attest' });

    expect((await session.verify({})).report).toMatchObject({
      summary: { images: 2, verified: 2, findings: 0 },
      findings: [],
    });
  });

  it('heals what was promoted without a signature', async () => {
    const session = await lab.session();
    const { receipts } = await session.promote(undefined, { confirm: true });
    expect(receipts.map(({ unsigned }) => unsigned)).toEqual([1, 1]);
    const kinds = (await session.verify({})).report.findings.map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['no-record', 'no-record', ...Array<string>(4).fill('unsigned')]);

    const { report } = await session.verify({ confirm: true });

    expect(report.summary).toMatchObject({ images: 2, verified: 2, findings: 0, healed: 6 });
  });

  it('publishes no tag when the log is down, and takes it up again', async () => {
    lab.sigstore.setFault(({ service }) => (service === 'rekorV1' ? { kind: 'status', status: 400 } : undefined));
    const session = await lab.session();

    const { receipts, trust } = await session.promote(undefined, { confirm: true, through: 'sign' });

    expect(receipts.flatMap(({ edges }) => edges.map(({ outcome }) => outcome))).toEqual(Array(5).fill('failed'));
    expect(trust.every(({ summary }) => summary.failed > 0)).toBe(true);
    expect(canonical.repositories()['prod/web']?.tags).toEqual({});
    expect(mirror.repositories()['prod/web']?.tags).toEqual({});
    expect(canonical.repositories()['prod/tool']?.manifests ?? []).not.toContain(tool.manifest.digest);

    lab.sigstore.setFault(undefined);
    const again = await session.promote(undefined, { confirm: true, through: 'sign' });

    expect(again.receipts.map(({ summary }) => summary.failed)).toEqual([0, 0]);
    expect((await session.verify({})).report.findings.map(({ kind }) => kind)).toEqual(['no-record', 'no-record']);
  });
});

describe('replication in a session', () => {
  it('copies signatures to the mirror once, and is dry without confirm', async () => {
    const lab = new SigningLab();
    await lab.startSigstore();
    const [staging, canonical, mirror] = [await lab.start(), await lab.start(), await lab.start()];
    const app = image('app');
    await pushImage({ url: staging.url, repository: 'staging/app', image: app });
    lab.project('app', [staging, canonical, mirror], { app: { [app.manifest.digest]: ['v1'] } });
    lab.configure(canonical);
    const session = await lab.session();
    await session.promote(undefined, { confirm: true, through: 'sign' });
    const tag = `${app.manifest.digest.replace(':', '-')}.sig`;

    const dry = await session.replicate(undefined, { confirm: false });
    expect(dry.report.summary).toMatchObject({ groups: 1, signed: 1, missing: 2, copied: 0 });
    expect(mirror.repositories()['prod/app']?.tags).toEqual({ v1: app.manifest.digest });

    const run = await session.replicate(undefined, { confirm: true });
    expect(run.report.summary).toMatchObject({ copied: 2, failed: 0 });
    expect(mirror.repositories()['prod/app']?.tags).toEqual(canonical.repositories()['prod/app']?.tags);
    expect(Object.keys(mirror.repositories()['prod/app']?.tags ?? {})).toContain(tag);

    const again = await session.replicate(undefined, { confirm: true });
    expect(again.report.summary).toMatchObject({ missing: 0, present: 2, copied: 0 });
    await lab.close();
  });
});

describe('stages that hand over', () => {
  it('make nothing public, and leave the last stage a receipt of the whole run', async () => {
    const lab = new SigningLab();
    await lab.startSigstore();
    const [staging, canonical] = [await lab.start(), await lab.start()];
    const [tagged, tagless] = [image('tagged'), image('tagless')];
    await pushImage({ url: staging.url, repository: 'staging/app', image: tagged });
    await pushImage({ url: staging.url, repository: 'staging/app', image: tagless });
    lab.project('app', [staging, canonical], {
      app: { [tagged.manifest.digest]: ['v1'], [tagless.manifest.digest]: [] },
    });
    lab.configure(canonical);
    const session = await lab.session();

    for (const through of ['promote', 'sign'] as const) {
      const { receipts } = await session.promote(undefined, { confirm: true, through, handsOver: true });
      expect(receipts[0]?.edges.map(({ outcome }) => outcome)).toEqual(['copied', 'copied']);
      expect(receipts[0]?.summary).toMatchObject({ copied: 2, tagged: 0, failed: 0 });
      expect(canonical.repositories()['prod/app']?.tags).not.toHaveProperty('v1');
      expect(canonical.repositories()['prod/app']?.manifests).not.toContain(tagless.manifest.digest);
    }
    const { receipts, trust } = await session.promote(undefined, { confirm: true, through: 'attest' });

    expect(receipts[0]?.summary).toMatchObject({ copied: 2, tagged: 0, failed: 0 });
    expect(receipts[0]?.summary.copiedBytes).toBeGreaterThan(4000);
    expect(trust.map(({ stage, summary }) => [stage, summary.written, summary.logEntries])).toEqual([
      ['sign', 2, 4],
      ['attest', 2, 2],
    ]);
    expect(lab.sigstore.counts().rekorV1Entries).toBe(6);
    await lab.close();
  });
});

describe('a stage that copies for a later one', () => {
  it.each([
    ['no token is to be had', true, { code: 'SIGNING_TOKEN' }],
    ['nobody is configured to sign', false, { code: 'PROMOTER_INVALID_INPUT' }],
  ])('copies nothing where %s', async (_, isConfigured, expected) => {
    const lab = new SigningLab();
    const { canonical } = await lab.startWith('app', image('app'));
    if (isConfigured) lab.configure(canonical);
    const session = await lab.session({ env: { XDG_STATE_HOME: lab.dir } });

    const run = session.promote(undefined, { confirm: true, through: 'promote', handsOver: true });

    await expect(run).rejects.toMatchObject(expected);
    expect(canonical.repositories()['prod/app']).toBeUndefined();
    await lab.close();
  });
});

describe('a run with nothing to sign', () => {
  it('names in a dry run what it would sign, and afterwards counts what it did not look at', async () => {
    const lab = new SigningLab();
    const { canonical } = await lab.startWith('app', image('app'));
    lab.configure(canonical);
    const session = await lab.session();

    const dry = await session.promote(undefined, { confirm: false, through: 'attest' });
    expect(dry.trust.map(({ stage, digests }) => [stage, digests.map(({ outcome }) => outcome)])).toEqual([
      ['sign', ['planned']],
      ['attest', ['planned']],
    ]);
    expect(lab.sigstore.counts().tokens).toBe(1);

    await session.promote(undefined, { confirm: true });
    const after = await session.promote(undefined, { confirm: true, through: 'sign' });
    expect(after.trust.map(({ summary }) => [summary.written, summary.notLookedAt])).toEqual([[0, 1]]);
    expect(lab.sigstore.counts().certificates).toBe(0);
    await lab.close();
  });
});

describe('a registry that loses bundles', () => {
  it('gets no tag for what it does not list', async () => {
    const lab = new SigningLab();
    const { canonical } = await lab.startWith('app', image('app'));
    lab.configure(canonical, { signing: '  formats: [bundle]\n' });
    const empty = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] };
    canonical.setFault(({ path }) =>
      path.includes('/referrers/')
        ? {
            kind: 'status',
            status: 200,
            headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
            body: JSON.stringify(empty),
          }
        : undefined,
    );

    const { receipts } = await (await lab.session()).promote(undefined, { confirm: true, through: 'sign' });

    expect(receipts[0]?.edges.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
      ['failed', 'SIGNING_STORE'],
    ]);
    expect(canonical.repositories()['prod/app']?.tags).not.toHaveProperty('v1');
    await lab.close();
  });
});
