// SPDX-License-Identifier: Apache-2.0
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildImage,
  type BuiltImage,
  DEFAULT_SIGNER_EMAIL,
  pushImage,
  type RunningRegistry,
  type RunningSigstore,
  startRegistry,
  startSigstore,
} from '@promograph/devstack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNxWorkspace, type NxWorkspace, NX_VERSIONS } from './support/fresh-nx-workspace.ts';
import { packArchives } from './support/packed-archives.ts';

const image = (seed: string): BuiltImage => buildImage({ layers: [{ sizeBytes: 2048, seed }] });
const [good, moved, other] = [image('good'), image('moved'), image('other')];
const LOST = `sha256:${'0'.repeat(64)}`;
const CHAIN = ['promote', 'sign', 'attest'] as const;

let archives: readonly string[];

beforeAll(async () => {
  archives = await packArchives();
});

describe.each(NX_VERSIONS)('the chain on nx %s', (nxVersion) => {
  let staging: RunningRegistry;
  let production: RunningRegistry;
  let sigstore: RunningSigstore;
  let workspace: NxWorkspace;

  beforeAll(async () => {
    [staging, production, sigstore] = await Promise.all([startRegistry(), startRegistry(), startSigstore()]);
    workspace = await createNxWorkspace(nxVersion, archives);
    for (const project of ['mixed', 'clean']) writeProject(project);
    copyFileSync(sigstore.files.signingConfig, join(workspace.dir, 'signing-config.json'));
    copyFileSync(sigstore.files.trustedRoot, join(workspace.dir, 'trusted-root.json'));
    workspace.write('token.jwt', sigstore.token());
    workspace.write('promograph.yaml', configuration());
    for (const built of [good, moved]) {
      await pushImage({ url: staging.url, repository: 'staging/mixed/app', image: built });
    }
    await pushImage({ url: staging.url, repository: 'staging/clean/app', image: good });
    await pushImage({ url: production.url, repository: 'prod/mixed/app', image: other, tags: ['moved'] });
  });

  afterAll(async () => {
    await Promise.all([staging?.close(), production?.close(), sigstore?.close()]);
    workspace?.remove();
  });

  function writeProject(project: string): void {
    workspace.write(
      `manifests/${project}/promoter-manifest.yaml`,
      `registries:\n- name: ${staging.host}/staging/${project}\n  src: true\n- name: ${production.host}/prod/${project}\n`,
    );
    const more = project === 'clean' ? '' : `    "${moved.manifest.digest}": ["moved"]\n    "${LOST}": ["lost"]\n`;
    workspace.write(
      `images/${project}/images.yaml`,
      `- name: app\n  dmap:\n    "${good.manifest.digest}": ["good"]\n${more}`,
    );
  }

  function configuration(): string {
    return `apiVersion: promograph/v1
signing:
  identity: { subject: ${DEFAULT_SIGNER_EMAIL}, issuer: "${sigstore.url}" }
  token: file
  tokenFile: token.jwt
  canonical: ${production.host}/prod
  config: signing-config.json
  trustedRoots: [trusted-root.json]
`;
  }

  const tagsOf = (project: string): Readonly<Record<string, string>> =>
    production.repositories()[`prod/${project}/app`]?.tags ?? {};
  const signatureTag = good.manifest.digest.replace(':', '-');

  it('runs dry without --confirm: nothing is written', async () => {
    const { exitCode } = await workspace.nx('run-many', '-t', 'attest');

    expect(exitCode).toBe(0);
    expect(tagsOf('clean')).toEqual({});
    expect(sigstore.entries()).toEqual([]);
  });

  it.each([
    ['in a batch', 'clean', []],
    ['task by task', 'mixed', ['--batch=false']],
  ])(
    'signs the good image and tags it last, %s; a lost and a moved one make only the last task red',
    async (_name, project, more) => {
      const { exitCode, output } = await workspace.nx('run', `${project}:attest`, '--confirm', ...more);

      expect(tagsOf(project), output).toMatchObject({
        good: good.manifest.digest,
        [`${signatureTag}.sig`]: expect.any(String),
      });
      if (project === 'mixed') expect(tagsOf(project)['moved']).toBe(other.manifest.digest);
      expect(exitCode).toBe(project === 'mixed' ? 1 : 0);
      expect(output.match(/hands over/g)).toHaveLength(2);
      expect(output.match(/^.*Promoted: /gm)).toHaveLength(1);
    },
  );

  it('finds everything signed when it runs again, whichever stage is last', async () => {
    const before = sigstore.entries().length;

    for (const stage of CHAIN) {
      expect(await workspace.nx('run', `clean:${stage}`, '-c', 'confirm')).toMatchObject({ exitCode: 0 });
    }

    expect(sigstore.entries()).toHaveLength(before);
  });
});
