// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedCatalogue, seedImages, startRegistry } from '@promograph/devstack';
import { afterEach, describe, expect, it } from 'vitest';
import { startPeerRegistry } from './support/peer-registry.ts';
import { PromotionLab } from './support/promotion-lab.ts';
import { runPeer } from './support/run-peer.ts';

interface Registry {
  readonly url: string;
  readonly host: string;
  close(): Promise<void>;
  /** What the registry took although it was not what its name says; only a permissive one takes such. */
  readonly mismatches?: readonly unknown[];
}

const REGISTRIES: Readonly<Record<string, () => Promise<Registry>>> = {
  'the docker-registry of this Debian': () => startPeerRegistry('docker-registry-system'),
  'a newer docker-registry': () => startPeerRegistry('docker-registry'),
  'the embedded registry': () => startRegistry(),
  'a registry that validates nothing': () => startRegistry({ permissive: true }),
};

/** Name, digest and tags of every image of the seed, as the tree names them. */
const IMAGES = seedCatalogue().map(({ project, name, tags, image }) => ({
  name: `${project}/${name}`,
  digest: image.manifest.digest,
  tags,
}));

const REFERENCES = IMAGES.flatMap(({ name, digest, tags }) => {
  const named = tags.map((tag) => ({ name, digest, reference: `:${tag}` }));
  return [{ name, digest, reference: `@${digest}` }, ...named];
});

let lab: PromotionLab;
afterEach(async () => {
  await lab.close();
});

/** Seeds `source`, promotes to one registry of each kind, and returns those. */
async function promoteFrom(source: Registry): Promise<readonly Registry[]> {
  const destinations: Registry[] = [];
  for (const start of Object.values(REGISTRIES)) destinations.push(lab.keep(await start()));
  await seedImages(source.url, { prefix: 'staging' });
  const dmaps: Record<string, Record<string, readonly string[]>> = {};
  for (const { name, digest, tags } of IMAGES) dmaps[name] = { ...dmaps[name], [digest]: tags };
  lab.project('peers', [source.host, ...destinations.map(({ host }) => host)], dmaps);
  const { exitCode, stdout, stderr } = await lab.run('promote', '--confirm');
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
  return destinations;
}

describe.each(Object.entries(REGISTRIES))('what is promoted from %s', (_name, start) => {
  it('has the promised digest under every tag at every kind of destination, as skopeo and crane read it', async () => {
    lab = new PromotionLab();

    const destinations = await promoteFrom(lab.keep(await start()));

    for (const { host, mismatches = [] } of destinations) {
      for (const { name, digest, reference } of REFERENCES) {
        const image = `${host}/prod/${name}${reference}`;
        const raw = await runPeer('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${image}`]);
        expect(`sha256:${createHash('sha256').update(raw).digest('hex')}`, `skopeo ${image}`).toBe(digest);
        expect(await runPeer('crane', ['digest', '--insecure', image]), `crane ${image}`).toBe(`${digest}\n`);
      }
      expect(mismatches, `${host} took what is not what its name says`).toEqual([]);
    }
  });

  it('is found present when it is planned again, so that nothing is pending', async () => {
    lab = new PromotionLab();

    await promoteFrom(lab.keep(await start()));
    const plan = await lab.run('plan', '--detailed-exitcode', '--output', 'json');

    const edges = IMAGES.reduce((sum, { tags }) => sum + Math.max(tags.length, 1), 0) * Object.keys(REGISTRIES).length;
    expect(plan.exitCode, plan.stderr).toBe(0);
    expect((JSON.parse(plan.stdout) as { summary: unknown }).summary).toMatchObject({ edges, present: edges, add: 0 });
  });
});

describe('what was promoted to each kind of registry', () => {
  it('can be pulled whole by skopeo and crane, and arrives with the promised digest', async () => {
    lab = new PromotionLab();
    const scratch = mkdtempSync(join(tmpdir(), 'promograph-pull-'));
    lab.keep({ close: async () => rmSync(scratch, { recursive: true, force: true }) });

    const destinations = await promoteFrom(lab.keep(await startRegistry()));

    for (const [at, { host }] of destinations.entries()) {
      for (const [index, { name, digest, reference }] of REFERENCES.entries()) {
        const image = `${host}/prod/${name}${reference}`;
        const [copied, pulled] = [join(scratch, `skopeo-${at}-${index}`), join(scratch, `crane-${at}-${index}`)];
        const digestFile = join(scratch, `digest-${at}-${index}`);
        const copyArgs = ['copy', '--all', '--src-tls-verify=false', '--digestfile', digestFile];
        await runPeer('skopeo', [...copyArgs, `docker://${image}`, `dir:${copied}`]);
        expect(readFileSync(digestFile, 'utf8').trim(), `skopeo ${image}`).toBe(digest);
        await runPeer('crane', ['pull', '--insecure', '--format=oci', image, pulled]);
        const layout = JSON.parse(readFileSync(join(pulled, 'index.json'), 'utf8')) as {
          readonly manifests: readonly { readonly digest: string }[];
        };
        expect(
          layout.manifests.map((manifest) => manifest.digest),
          `crane ${image}`,
        ).toEqual([digest]);
      }
    }
  });
});
