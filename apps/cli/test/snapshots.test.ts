// SPDX-License-Identifier: Apache-2.0
import { buildImage, buildIndex, pushImage } from '@promograph/devstack';
import { describe, expect, it } from 'vitest';
import { PromotionWorld } from './support/promotion-world.ts';

describe.each(['oci', 'google'] as const)('snapshot of a registry with %s listing', (listing) => {
  it('lists everything below a prefix, up to a slash', async () => {
    await using world = await PromotionWorld.start({ staging: { listing } });
    const web = await world.push(world.staging, 'images/app/web', { seed: 'web', tags: ['v1', 'latest'] });
    const deep = await world.push(world.staging, 'images/app/deep/er', { seed: 'deep', tags: ['v2'] });
    await world.push(world.staging, 'images2/other', { seed: 'other', tags: ['v3'] });

    const yaml = await world.run(['snapshot', `${world.staging.host}/images`]);
    const csv = await world.run(['snapshot', `${world.staging.host}/images/`, '--output', 'csv']);
    const tagged = await world.run(['snapshot', `${world.staging.host}/images`, '--tag', 'v1', '--output', 'json']);

    expect(yaml.stdout).toBe(
      `- name: app/deep/er\n  dmap:\n    "${deep}": ["v2"]\n` +
        `- name: app/web\n  dmap:\n    "${web}": ["latest", "v1"]\n`,
    );
    expect(csv.stdout).toBe(
      `app/deep/er@${deep},app/deep/er:v2\napp/web@${web},app/web:latest\napp/web@${web},app/web:v1\n`,
    );
    expect(imagesIn(tagged.stdout)).toEqual([{ name: 'app/web', digests: [{ digest: web, tags: ['latest', 'v1'] }] }]);
  });
});

describe('snapshot', () => {
  it('lists a whole host by its catalogue', async () => {
    await using world = await PromotionWorld.start();
    const web = await world.push(world.staging, 'a/web', { seed: 'web', tags: ['v1'] });

    const { code, stdout } = await world.run(['snapshot', world.staging.host]);

    expect(code).toBe(0);
    expect(stdout).toBe(`- name: a/web\n  dmap:\n    "${web}": ["v1"]\n`);
  });

  it('says that a host has no catalogue', async () => {
    await using world = await PromotionWorld.start({ staging: { catalog: false } });
    await world.push(world.staging, 'a/web', { seed: 'web', tags: ['v1'] });

    const host = await world.run(['snapshot', world.staging.host]);
    const repository = await world.run(['snapshot', `${world.staging.host}/a/web`]);

    expect(host).toMatchObject({ code: 3, stdout: '' });
    expect(host.stderr).toContain('does not list its repositories');
    expect(repository.code).toBe(0);
    expect(repository.stdout).toContain('- name: web\n');
  });

  it('leaves children of indexes out when it is to be minimal', async () => {
    await using world = await PromotionWorld.start({ staging: { listing: 'google' } });
    const index = buildIndex({
      images: ['one', 'two'].map((seed) => buildImage({ layers: [{ sizeBytes: 64, seed }] })),
    });
    await pushImage({ url: world.staging.url, repository: 'a/web', image: index, tags: ['v1'] });
    const single = await world.push(world.staging, 'a/web', { seed: 'untagged' });

    const all = await world.run(['snapshot', `${world.staging.host}/a`, '--output', 'json']);
    const minimal = await world.run(['snapshot', `${world.staging.host}/a`, '--output', 'json', '--minimal']);

    expect(imagesIn(all.stdout)[0]?.digests).toHaveLength(4);
    const kept = imagesIn(minimal.stdout)[0]?.digests.map(({ digest }) => digest);
    expect(kept?.toSorted()).toEqual([index.manifest.digest, single].toSorted());
  });

  it('lists what a tree would put in a destination, without asking any registry', async () => {
    await using world = await PromotionWorld.start();
    const digest = `sha256:${'1'.repeat(64)}`;
    world.writeTree({ [digest]: ['v1'] }, [world.destination, `${world.destination}2`]);

    const { code, stdout } = await world.run(['snapshot', '--destination', world.destination, '--manifests', 'tree']);
    const cip = await world.run([
      'cip',
      '--manifest-based-snapshot-of',
      world.destination,
      '--thin-manifest-dir',
      'tree',
    ]);

    expect(code).toBe(0);
    expect(stdout).toBe(`- name: web\n  dmap:\n    "${digest}": ["v1"]\n`);
    expect(cip.stdout).toBe(`${stdout}\n`);
    expect([...world.staging.requests, ...world.production.requests]).toEqual([]);
  });
});

interface Images {
  readonly images: readonly { readonly name: string; readonly digests: readonly { readonly digest: string }[] }[];
}

function imagesIn(stdout: string): Images['images'] {
  return (JSON.parse(stdout) as Images).images;
}
