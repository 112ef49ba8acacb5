// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildImage, pushImage, type RunningRegistry, startRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EvidenceWatch, type Watched } from './support/evidence-watch.ts';
import type { ProgramRun } from './support/promotion-lab.ts';
import { seedWorkload, type Workload } from './support/signed-workload.ts';
import { PUBLIC_NAME, TrustLab } from './support/trust-lab.ts';
import { WatchingProxy } from './support/watching-proxy.ts';

const RECORD = 'https://k8s.io/promo-tools/promotion/v1';
const SIGN = 'https://sigstore.dev/cosign/sign/v1';

const succeeds = ({ exitCode, stdout, stderr }: ProgramRun): void => {
  expect(exitCode, stdout.slice(-3000) + stderr).toBe(0);
};

describe('a run that signs and attests 200 digests', () => {
  let lab: TrustLab;
  let canonical: RunningRegistry;
  let workload: Workload;

  beforeEach(async () => {
    lab = await TrustLab.open();
    const source = lab.keep(await startRegistry());
    canonical = lab.keep(await startRegistry());
    workload = await seedWorkload(lab, { source, hosts: [canonical.host] }, { indexes: 20, images: 120, shared: 10 });
    lab.configure({ canonical: canonical.host, more: 'attest: {}\n' });
  });
  afterEach(() => lab.close());

  it('asks for one certificate and logs each signature once, and nothing the second time', async () => {
    expect(workload.signed).toHaveLength(200);

    succeeds(await lab.run('run', '--confirm'));
    const { certificates, rekorV1Entries, timestamps } = lab.sigstore.counts();
    expect([certificates, rekorV1Entries, timestamps]).toEqual([1, workload.entries, workload.entries]);
    await expectEachOnce();

    succeeds(await lab.run('run', '--confirm'));
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 1, rekorV1Entries });
    succeeds(await lab.run('run', '--confirm', '--scope', 'present'));
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 1, rekorV1Entries });
    succeeds(await lab.run('verify'));
  });

  it('logs nothing twice when two processes do it at once', async () => {
    const runs = await Promise.all(
      ['one', 'two'].map((name) => lab.run('run', '--confirm', '--state-dir', join(lab.dir, name))),
    );

    runs.forEach(succeeds);
    await expectEachOnce();
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 2, rekorV1Entries: workload.entries });
  });

  async function expectEachOnce(): Promise<void> {
    const watch = lab.keep(new EvidenceWatch(lab.sigstore));
    const kept = await Promise.all(workload.signed.map((one) => watch.kept(one)));
    const expected = workload.signed.map(({ isRoot }) => ({
      sig: 1,
      bundles: { [SIGN]: 1, ...(isRoot && { [RECORD]: 1 }) },
      other: 0,
    }));
    expect(kept).toEqual(expected);
  }
});

describe('a certificate that lives for ten seconds', () => {
  it('is renewed at its half-life, not more often', async () => {
    const lab = await TrustLab.open({ certificateLifetimeMs: 10_000, latency: { rekorV1Ms: 500 } });
    try {
      const [source, canonical] = [lab.keep(await startRegistry()), lab.keep(await startRegistry())];
      await seedWorkload(lab, { source, hosts: [canonical.host] }, { indexes: 4, images: 11, shared: 1 });
      lab.configure({ canonical: canonical.host, signing: '  concurrency: 2\n' });
      const asked: number[] = [];
      lab.sigstore.setFault(({ service }) => {
        if (service === 'fulcio') asked.push(performance.now());
        return undefined;
      });

      succeeds(await lab.run('sign', '--confirm'));

      const pauses = asked.slice(1).map((at, earlier) => at - (asked[earlier] ?? 0));
      expect(pauses.length).toBeGreaterThan(0);
      // Certificates begin with the second in which they were asked for.
      expect(Math.min(...pauses)).toBeGreaterThan(4000);
      const { stdout } = await lab.run('verify', '--output', 'json');
      expect(JSON.parse(stdout)).toMatchObject({ summary: { images: 17, verified: 17 } });
    } finally {
      await lab.close();
    }
  });
});

describe('whoever watches the registries during a run', () => {
  let lab: TrustLab;
  let canonical: RunningRegistry;
  let mirror: RunningRegistry;
  let proxies: readonly WatchingProxy[];
  let workload: Workload;
  let watch: EvidenceWatch;

  beforeEach(async () => {
    lab = await TrustLab.open({ latency: { rekorV1Ms: 50 } });
    const source = lab.keep(await startRegistry());
    [canonical, mirror] = [lab.keep(await startRegistry()), lab.keep(await startRegistry())];
    proxies = await Promise.all([canonical, mirror].map(({ url }) => WatchingProxy.before(url)));
    for (const proxy of proxies) lab.keep(proxy);
    watch = lab.keep(new EvidenceWatch(lab.sigstore));
    const hosts = proxies.map(({ host }) => host);
    workload = await seedWorkload(lab, { source, hosts }, { indexes: 8, images: 12, shared: 2 });
    lab.configure({ canonical: hosts[0] ?? '', more: 'attest: {}\n' });
  });
  afterEach(() => lab.close());

  it('sees no tag, and no digest without one, that is not signed yet', async () => {
    const seen: string[] = [];
    // Held before it reaches the registry: what is not signed now would be public unsigned.
    for (const proxy of proxies) {
      proxy.hooks = {
        onRequest: async ({ method, path }): Promise<'pass'> => {
          const image = method === 'PUT' ? publicBy(path) : null;
          if (image !== null) seen.push(`${path} ${await watch.verdict(image)}`);
          return 'pass';
        },
      };
    }
    let isOver = false;
    const resolved = new Map<string, string>();
    const watching = (async () => {
      while (!isOver) await look(resolved);
      await look(resolved);
    })();

    const run = await lab.run('run', '--confirm');
    isOver = true;
    await watching;

    succeeds(run);
    const roots = workload.signed.filter(({ isRoot }) => isRoot).length;
    expect(seen).toHaveLength(2 * roots);
    expect(seen.filter((line) => !line.endsWith(' verified'))).toEqual([]);
    expect(new Set(resolved.values())).toEqual(new Set(['verified']));
    expect(resolved.size).toBe(2 * workload.tags.length);
  });

  it('sees nothing signed that was pushed by hand', async () => {
    const stranger = buildImage({ layers: [{ sizeBytes: 100, seed: 'by hand' }] });
    await pushImage({ url: canonical.url, repository: 'prod/app', image: stranger, tags: ['hand'] });
    const inTree = workload.tags.find(({ repository }) => repository === 'app');
    if (inTree === undefined) throw new Error('no tagged app');
    await pushImage({ url: canonical.url, repository: 'prod/app', image: inTree.image, tags: [inTree.tag] });
    await pushImage({ url: mirror.url, repository: 'prod/app', image: inTree.image, tags: [inTree.tag] });

    succeeds(await lab.run('run', '--confirm'));

    const byHand = [stranger, inTree.image].map(({ manifest }) => at('app', manifest.digest));
    expect(await Promise.all(byHand.map((one) => watch.kept(one)))).toEqual(
      byHand.map(() => ({ sig: 0, bundles: {}, other: 0 })),
    );
    expect(lab.sigstore.counts().rekorV1Entries).toBe(workload.entries - 3);
    const { exitCode, stdout } = await lab.run('verify', '--output', 'json');
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      4,
      expect.objectContaining({
        findings: ['no-record', 'unsigned'].map(
          (kind) => expect.objectContaining({ kind, digest: inTree.image.manifest.digest }) as object,
        ),
      }),
    ]);
  });

  /** Resolves every tag at both registries, and judges the image when it is there for the first time. */
  async function look(resolved: Map<string, string>): Promise<void> {
    for (const { url } of [canonical, mirror]) {
      for (const { repository, tag, image } of workload.tags) {
        const name = `${url}/v2/prod/${repository}/manifests/${tag}`;
        if (resolved.has(name) || (await fetch(name, { method: 'HEAD' })).status !== 200) continue;
        resolved.set(name, await watch.verdict(at(repository, image.manifest.digest)));
      }
    }
    await delay(5);
  }

  /** The image that a write makes public: of its tag, or of itself where it has none. */
  function publicBy(path: string): Watched | null {
    const [, repository = '', reference = ''] = /^\/v2\/prod\/([a-z]+)\/manifests\/([^/]+)$/.exec(path) ?? [];
    const tagged = workload.tags.find((one) => one.repository === repository && one.tag === reference);
    if (tagged !== undefined) return at(repository, tagged.image.manifest.digest);
    const isTagged = workload.tags.some(({ image }) => image.manifest.digest === reference);
    const found = workload.signed.find(({ isRoot, digest }) => isRoot && digest === reference);
    return found === undefined || isTagged ? null : at(repository, reference);
  }

  function at(name: string, digest: string): Watched {
    return { repository: `${canonical.host}/prod/${name}`, digest, reference: `${PUBLIC_NAME}/${name}` };
  }
});
