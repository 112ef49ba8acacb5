// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DevstackError } from '../devstack-error.ts';
import { generateTree } from '../tree/generate-tree.ts';
import { type FleetOptions, type RunningFleet, startFleet } from './start-fleet.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const TAGLESS = `sha256:${'b'.repeat(64)}`;

describe('startFleet', () => {
  let dir: string;
  const fleets: RunningFleet[] = [];
  const start = async (options: Partial<FleetOptions> = {}): Promise<RunningFleet> => {
    const fleet = await startFleet({ treeDir: join(dir, 'tree'), outDir: join(dir, 'out'), ...options });
    fleets.push(fleet);
    return fleet;
  };
  const project = (name: string, manifest: string, images: string): void => {
    for (const [half, file, text] of [
      ['manifests', 'promoter-manifest.yaml', manifest],
      ['images', 'images.yaml', images],
    ] as const) {
      mkdirSync(join(dir, 'tree', half, name), { recursive: true });
      writeFileSync(join(dir, 'tree', half, name, file), text);
    }
  };
  const manifest = `registries:\n- name: gcr.io/stage # keep\n  src: yes\n- name: "us.gcr.io/prod"\n`;
  const images = `- name: app\n  dmap:\n    "${DIGEST}": ["1.10", "latest"]\n    "${TAGLESS}": []\n    "ha256:${'c'.repeat(64)}": ["bad"]\n`;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'start-fleet-'));
  });
  afterEach(async () => {
    await Promise.all(fleets.splice(0).map((fleet) => fleet.close()));
    rmSync(dir, { recursive: true, force: true });
  });

  it('counts edges per digest, destination and tag, and none of a digest that is none', async () => {
    project('p', manifest, images);

    const fleet = await start({ promotedShare: 1 });

    expect(fleet).toMatchObject({ edges: 3, present: 3, sources: 1, destinations: 1 });
    expect(Object.keys(fleet.hosts)).toEqual(['gcr.io', 'us.gcr.io']);
  });

  it('lists as Google does: tags by digest, numbers as strings, children', async () => {
    project('p', manifest, images);
    const fleet = await start({ promotedShare: 1 });

    const listing: unknown = await (
      await fetch(`http://${fleet.hosts['gcr.io']}/v2/stage/app/tags/list?n=10000`)
    ).json();
    const parent: unknown = await (await fetch(`http://${fleet.hosts['gcr.io']}/v2/stage/tags/list`)).json();

    expect(listing).toMatchObject({
      name: 'stage/app',
      tags: ['1.10', 'latest'],
      manifest: { [DIGEST]: { tag: ['1.10', 'latest'], timeUploadedMs: '1643587200000' }, [TAGLESS]: { tag: [] } },
    });
    expect(parent).toMatchObject({ child: ['app'], manifest: {} });
  });

  it('lists plainly in pages and answers HEAD by tag and digest', async () => {
    project('p', manifest, images);
    const fleet = await start({ promotedShare: 1, listing: 'plain' });
    const base = `http://${fleet.hosts['us.gcr.io']}/v2/prod/app`;

    const page = await fetch(`${base}/tags/list?n=1`);
    const byTag = await fetch(`${base}/manifests/1.10`, { method: 'HEAD' });
    const byDigest = await fetch(`${base}/manifests/${TAGLESS}`, { method: 'HEAD' });
    const missing = await fetch(`${base}/manifests/v9`, { method: 'HEAD' });

    expect(await page.json()).toEqual({ name: 'prod/app', tags: ['1.10'] });
    expect(page.headers.get('link')).toBe('</v2/prod/app/tags/list?n=1&last=1.10>; rel="next"');
    expect([byTag.headers.get('docker-content-digest'), byDigest.status, missing.status]).toEqual([DIGEST, 200, 404]);
  });

  it('holds no edge at share 0 while destination repositories answer', async () => {
    project('p', manifest, images);
    const fleet = await start({ promotedShare: 0 });

    const listing: unknown = await (await fetch(`http://${fleet.hosts['us.gcr.io']}/v2/prod/app/tags/list`)).json();

    expect(fleet.present).toBe(0);
    expect(listing).toMatchObject({ tags: [], manifest: {} });
  });

  it('holds the asked share, the same edges each time', async () => {
    generateTree({
      outDir: join(dir, 'tree'),
      projects: 4,
      imagesPerProject: 10,
      digestsPerImage: 20,
      destinations: 3,
      seed: 's',
      hosts: ['a.example', 'b.example'],
    });

    const first = await start({ promotedShare: 0.9 });
    const second = await start({ promotedShare: 0.9, listing: 'plain' });

    expect(first.present).toBe(second.present);
    expect(first.present / first.edges).toBeGreaterThan(0.87);
    expect(first.present / first.edges).toBeLessThan(0.93);
  });

  it('writes the tree with the hosts replaced and every other byte kept', async () => {
    project('p', manifest, images);

    const fleet = await start();

    const text = readFileSync(join(fleet.treeDir, 'manifests', 'p', 'promoter-manifest.yaml'), 'utf8');
    const back = text
      .replace(fleet.hosts['gcr.io'] ?? '', 'gcr.io')
      .replace(fleet.hosts['us.gcr.io'] ?? '', 'us.gcr.io');
    expect(text).toContain(`- name: ${fleet.hosts['gcr.io']}/stage # keep`);
    expect(back).toBe(manifest);
    expect(readFileSync(join(fleet.treeDir, 'images', 'p', 'images.yaml'), 'utf8')).toBe(images);
    expect(readFileSync(join(fleet.treeDir, 'promograph.yaml'), 'utf8')).toContain(
      `"${fleet.hosts['gcr.io']}":\n    plainHttp: true`,
    );
  });

  it('replaces hosts in a promograph.yaml without taking one host for the end of another', async () => {
    project('p', manifest, images);
    writeFileSync(
      join(dir, 'tree', 'promograph.yaml'),
      'registries:\n  us.gcr.io: {}\n  "gcr.io": {}\n  eu.gcr.io: {}\n',
    );

    const { treeDir, hosts } = await start();

    const text = readFileSync(join(treeDir, 'promograph.yaml'), 'utf8');
    expect(text).toBe(`registries:\n  ${hosts['us.gcr.io']}: {}\n  "${hosts['gcr.io']}": {}\n  eu.gcr.io: {}\n`);
  });

  it.each([
    ['google', {}, 200],
    ['google', { hasReferrers: false }, 404],
    ['plain', {}, 404],
  ] as const)('holds no evidence: a %s listing with %j answers %i for referrers', async (listing, more, status) => {
    project('p', manifest, images);
    const fleet = await start({ listing, ...more });
    const url = `http://${fleet.hosts['gcr.io']}/v2/stage/app`;
    const digest = 'sha256:' + '0'.repeat(64);

    const referrers = await fetch(`${url}/referrers/${digest}`);

    expect(referrers.status).toBe(status);
    if (status === 200) expect(await referrers.json()).toMatchObject({ manifests: [] });
    expect((await fetch(`${url}/manifests/${digest.replace(':', '-')}.sig`)).status).toBe(404);
  });

  it('counts requests by host and path', async () => {
    project('p', manifest, images);
    const fleet = await start({ latencyMs: 5 });
    const url = `http://${fleet.hosts['gcr.io']}/v2/stage/app/tags/list`;

    await Promise.all([fetch(url), fetch(url)]);

    expect(fleet.total).toBe(2);
    expect(fleet.requestCounts()).toEqual({ 'gcr.io': { 'GET /v2/stage/app/tags/list': 2 } });
    expect(fleet.peakInFlight).toBeGreaterThanOrEqual(1);
    expect(fleet.spanMs).toBeGreaterThan(0);
    fleet.clearRequests();
    expect([fleet.total, fleet.spanMs, fleet.requestCounts()]).toEqual([0, 0, {}]);
  });

  it('refuses a directory that is no tree', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'DEVSTACK_TREE_INVALID' });
  });

  it('leaves nothing listening when a later port is taken', async () => {
    project('p', manifest, images);
    const holder = await start();
    const taken = Number(holder.hosts['us.gcr.io']?.split(':')[1]);

    const attempt = (): Promise<string> =>
      start({ basePort: taken - 1 }).then(String, (error: DevstackError) => error.message);

    const first = await attempt();

    expect(first).toContain('is taken by another program');
    expect(await attempt()).toBe(first);
  });
});
