// SPDX-License-Identifier: Apache-2.0
import { buildImage, type BuiltImage, pushImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PromoteRun } from '../src/index.ts';
import { SigningLab } from './signing-lab.ts';

const image = (seed: string): BuiltImage => buildImage({ layers: [{ sizeBytes: 2000, seed }] });

describe('no tag becomes public unsigned', () => {
  let lab: SigningLab;
  let staging: RunningRegistry;
  let canonical: RunningRegistry;
  let mirror: RunningRegistry;
  const tool = image('tool');
  const { digest } = tool.manifest;

  beforeEach(async () => {
    lab = new SigningLab();
    await lab.startSigstore();
    [staging, canonical, mirror] = [await lab.start(), await lab.start(), await lab.start()];
    await pushImage({ url: staging.url, repository: 'staging/tool', image: tool });
    lab.project('tool', [staging, canonical, mirror], { tool: { [digest]: ['v1'] } });
    lab.configure(canonical);
  });
  afterEach(() => lab.close());

  const tagsOf = ({ repositories }: RunningRegistry): readonly string[] =>
    Object.keys(repositories()['prod/tool']?.tags ?? {}).filter((tag) => !tag.startsWith('sha256-'));
  const outcomesOf = ({ receipts }: PromoteRun): readonly string[] =>
    receipts.flatMap(({ edges }) => edges.map(({ outcome }) => outcome)).sort();
  const sign = async (): Promise<PromoteRun> =>
    (await lab.session()).promote(undefined, { confirm: true, through: 'sign' });

  it('at a mirror, while the canonical tag is held by a stranger', async () => {
    await pushImage({ url: canonical.url, repository: 'prod/tool', image: image('other'), tags: ['v1'] });

    expect(outcomesOf(await sign())).toEqual(['failed', 'refused']);
    expect(tagsOf(mirror)).toEqual([]);
  });

  it('at a mirror, while the canonical registry cannot be written', async () => {
    canonical.setFault(({ method, route }) =>
      method === 'PUT' && route.kind === 'manifest' ? { kind: 'status', status: 403 } : undefined,
    );

    expect(outcomesOf(await sign())).toEqual(['failed', 'failed']);
    expect(tagsOf(mirror)).toEqual([]);
  });

  it('at a mirror, not even without a tag, while the canonical registry refuses the signed digest', async () => {
    lab.project('tool', [staging, canonical, mirror], { tool: { [digest]: [] } });
    canonical.setFault(({ method, route }) =>
      method === 'PUT' && route.kind === 'manifest' && route.reference === digest
        ? { kind: 'status', status: 403 }
        : undefined,
    );

    expect(outcomesOf(await sign())).toEqual(['failed', 'failed']);
    expect(mirror.repositories()['prod/tool']?.manifests ?? []).not.toContain(digest);

    canonical.setFault(undefined);
    expect(outcomesOf(await sign())).toEqual(['added', 'added']);
  });

  it('from a mirror alone, until the canonical registry has the digest', async () => {
    await pushImage({ url: mirror.url, repository: 'prod/tool', image: tool });
    lab.project('tool', [await lab.start(), canonical, mirror], { tool: { [digest]: ['v1'] } });

    expect(outcomesOf(await sign())).toEqual(['failed', 'lost']);
    expect(tagsOf(mirror)).toEqual([]);

    await pushImage({ url: canonical.url, repository: 'prod/tool', image: tool });
    expect(outcomesOf(await sign())).toEqual(['tagged', 'tagged']);
    expect((await (await lab.session()).verify({})).report.findings).toEqual([]);
  });

  it('for a second project, where signing failed for the first', async () => {
    lab.project('other', [staging, canonical], { tool: { [digest]: ['v2'] } });
    lab.sigstore.setFault(({ service }) => (service === 'rekorV1' ? { kind: 'status', status: 400 } : undefined));

    const run = await sign();

    expect(outcomesOf(run)).toEqual(['failed', 'failed', 'failed']);
    expect(run.trust.map(({ summary }) => summary.failed)).toEqual([1, 1]);
    expect([canonical, mirror].flatMap(tagsOf)).toEqual([]);
  });

  it('when the run is interrupted while it signs', async () => {
    const controller = new AbortController();
    lab.sigstore.setFault(({ service }) => {
      if (service === 'rekorV1') controller.abort();
      return undefined;
    });
    const session = await lab.session({ signal: controller.signal });

    const run = await session.promote(undefined, { confirm: true, through: 'sign' });

    expect(outcomesOf(run)).toEqual(['skipped', 'skipped']);
    expect([canonical, mirror].flatMap(tagsOf)).toEqual([]);
  });

  it('for a source whose policy refuses it, though another source with the same digest is free', async () => {
    await pushImage({ url: staging.url, repository: 'vetted/tool', image: tool });
    const policy = `{ mode: require, signers: ["sigstore::https://issuer.example.org::me@example.org"], builders: [ { id: b, level: 3 } ], sources: [ github.com/example/tool ] }`;
    const registries = `registries:\n- { name: "${staging.host}/vetted", src: true }\n- { name: "${canonical.host}/prod" }\n`;
    lab.write('manifests/vetted/promoter-manifest.yaml', `${registries}provenance: ${policy}\n`);
    lab.write('images/vetted/images.yaml', `- name: tool\n  dmap:\n    "${digest}": ["vetted"]\n`);

    expect(outcomesOf(await sign())).toEqual(['added', 'added', 'refused']);
    expect([canonical, mirror].map(tagsOf)).toEqual([['v1'], ['v1']]);
  });
});
