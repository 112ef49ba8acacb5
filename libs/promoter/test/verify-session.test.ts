// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, pushImage, type RegistryOptions, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SigningLab } from './signing-lab.ts';

describe('verify', () => {
  let lab: SigningLab;
  let staging: RunningRegistry;
  const tool = buildImage({ layers: [{ sizeBytes: 2000, seed: 'tool' }] });
  const { digest } = tool.manifest;

  beforeEach(async () => {
    lab = new SigningLab();
    await lab.startSigstore();
    staging = await lab.start();
    await pushImage({ url: staging.url, repository: 'staging/tool', image: tool });
  });
  afterEach(() => lab.close());

  async function promoted(
    options: RegistryOptions = {},
    through: 'promote' | 'sign' = 'sign',
  ): Promise<RunningRegistry> {
    const canonical = await lab.start(options);
    lab.project('tool', [staging, canonical], { tool: { [digest]: ['v1'] } });
    lab.configure(canonical);
    const session = await lab.session();
    await session.promote(undefined, { confirm: true, through });
    return canonical;
  }

  it('expects no record of a tree that does not attest', async () => {
    await promoted();

    expect((await (await lab.session()).verify({})).report.findings).toEqual([]);
  });

  it('prints a line for cosign for each image', async () => {
    const { host } = await promoted();

    const { report } = await (await lab.session()).verify({});

    expect(report.images).toEqual([
      {
        repository: `${host}/prod/tool`,
        digest,
        reference: 'images.example.org/tool',
        cosign: expect.stringMatching(new RegExp(`^cosign verify --certificate-identity \\S+ .*@${digest}$`)) as string,
      },
    ]);
  });

  it('refuses a reference without tag and digest, since there is no default tag', async () => {
    const { host } = await promoted();
    const session = await lab.session();

    await expect(session.verify({ references: [`${host}/prod/tool`] })).rejects.toThrow(
      expect.objectContaining({
        code: 'PROMOTER_INVALID_INPUT',
        message: expect.stringContaining('neither a tag nor a digest'),
      }),
    );
  });

  it('looks at references instead of the tree', async () => {
    const { host } = await promoted();
    const session = await lab.session();

    const { report } = await session.verify({ references: [`${host}/prod/tool:v1`] });
    expect(report.summary).toMatchObject({ images: 1, verified: 1 });

    const foreign = await session.verify({ references: [`${staging.host}/staging/tool@${digest}`] });
    expect(foreign.report.findings.map(({ kind }) => kind)).toEqual(['unsigned']);
  });

  it('looks only at what was uploaded in the last days, where the registry tells', async () => {
    await promoted({ listing: 'google' }, 'promote');
    const session = await lab.session();

    const recent = await session.verify({ sinceDays: 1 });
    expect(recent.report.findings.map(({ kind }) => kind)).toEqual(['unsigned']);
    const none = await session.verify({ sinceDays: 0 });
    expect(none.report.summary).toMatchObject({ images: 0, findings: 0 });
  });

  it('refuses to look by upload time where the registry does not tell', async () => {
    await promoted();

    await expect((await lab.session()).verify({ sinceDays: 1 })).rejects.toMatchObject({
      code: 'PROMOTER_INVALID_INPUT',
    });
  });

  it('sees a moved tag', async () => {
    const canonical = await promoted();
    const other = buildImage({ layers: [{ sizeBytes: 10, seed: 'other' }] });
    await pushImage({ url: canonical.url, repository: 'prod/tool', image: other, tags: ['v1'] });

    const { report } = await (await lab.session()).verify({});

    expect(report.findings).toMatchObject([{ kind: 'tampered', digest, tags: ['v1'] }]);
  });

  it('sees signatures that speak of another name of the image, and heals them', async () => {
    const canonical = await promoted();
    const text = readFileSync(join(lab.tree, 'promograph.yaml'), 'utf8');
    lab.write('promograph.yaml', text.replace('to: images.example.org', 'to: renamed.example.org'));
    const session = await lab.session();

    const { report } = await session.verify({});
    expect(report.findings).toMatchObject([
      {
        kind: 'wrong-reference',
        repository: `${canonical.host}/prod/tool`,
        digest,
        reference: 'renamed.example.org/tool',
      },
    ]);

    const healed = await session.verify({ confirm: true });
    expect(healed.report.findings).toMatchObject([{ kind: 'wrong-reference', healed: true }]);
    expect((await (await lab.session()).verify({})).report.findings).toEqual([]);
  });

  it('sees a signature that was tampered with, which signing again does not hide', async () => {
    const canonical = await promoted();
    const name = `${canonical.url}/v2/prod/tool/manifests/${digest.replace(':', '-')}.sig`;
    const manifest = await (await fetch(name)).text();
    const annotation = /("dev\.cosignproject\.cosign\/signature":")([^"]+)"/;
    const forged = manifest.replace(annotation, (_, key: string, signature: string) => {
      const bytes = Buffer.from(signature, 'base64');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return `${key}${bytes.toString('base64')}"`;
    });
    const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
    expect((await fetch(name, { method: 'PUT', headers, body: forged })).status).toBe(201);

    const { report } = await (await lab.session()).verify({});
    expect(report.findings).toMatchObject([{ kind: 'tampered', digest, tags: ['v1'] }]);

    const healed = await (await lab.session()).verify({ confirm: true });
    expect(healed.report.findings).toMatchObject([{ kind: 'tampered', digest }]);
    expect(healed.report.findings[0]?.healed).toBeUndefined();
  });

  it('looks through a front door under the name that users pull', async () => {
    const canonical = await promoted();
    const session = await lab.session();

    const missing = await session.verify({ via: canonical.host });

    expect(missing.report.findings.map(({ kind, repository }) => [kind, repository])).toEqual([
      ['missing', `${canonical.host}/tool`],
      ['unsigned', `${canonical.host}/tool`],
    ]);
  });
});

describe('verify under a policy of today', () => {
  it('tells images whose provenance would not satisfy it', async () => {
    const lab = new SigningLab();
    await lab.startSigstore();
    const [staging, canonical] = [await lab.start(), await lab.start()];
    const app = buildImage({ layers: [{ sizeBytes: 2000, seed: 'app' }] });
    await pushImage({ url: staging.url, repository: 'staging/app', image: app });
    lab.project('app', [staging, canonical], { app: { [app.manifest.digest]: ['v1'] } });
    lab.configure(canonical);
    await (await lab.session()).promote(undefined, { confirm: true, through: 'sign' });
    lab.write(
      'manifests/app/promoter-manifest.yaml',
      `registries:
- name: ${staging.host}/staging
  src: true
- name: ${canonical.host}/prod
provenance:
  mode: require
  signers: [ "sigstore::${lab.sigstore.url}::builder@example.org" ]
  builders: [ { id: https://example.org/builder, level: 2 } ]
  sources: [ github.com/example/app ]
  level: 2
`,
    );

    const { report } = await (await lab.session()).verify({});

    expect(report.findings).toMatchObject([{ kind: 'stale-policy', digest: app.manifest.digest }]);
    expect(report.findings[0]?.message).toMatch(/^PROVENANCE_ABSENT: /);
    await lab.close();
  });
});
