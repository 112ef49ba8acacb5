// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRegistry } from '@promograph/devstack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startContainerd } from './support/containerd.ts';
import { startPeerRegistry } from './support/peer-registry.ts';
import {
  IMAGE,
  MIRROR_PREFIX,
  type Mirror,
  NEW_PREDICATE,
  OLD_PREDICATE,
  RedirectorLab,
  registryAt,
} from './support/redirector-lab.ts';
import type { RedirectorProgram } from './support/redirector-program.ts';

const DIGEST = IMAGE.manifest.digest;
const VERIFY = ['--key', 'cosign.pub', '--insecure-ignore-tlog=true'];
const KINDS: readonly [string, () => Promise<Mirror>, () => Promise<Mirror>][] = [
  ['a registry with the referrers API', () => startRegistry(), () => startPeerRegistry('docker-registry')],
  ['a registry without it', () => startPeerRegistry('docker-registry'), () => startRegistry()],
];

describe.each(KINDS)('through the front door of %s', (_name, startCanonical, startWest) => {
  let lab: RedirectorLab;
  let canonical: Mirror;
  let west: Mirror;
  let door: RedirectorProgram;
  /** A front door whose region has not got anything yet. */
  let lagging: RedirectorProgram;
  beforeAll(async () => {
    lab = new RedirectorLab();
    [canonical, west] = [lab.keep(await startCanonical()), lab.keep(await startWest())];
    const east = lab.keep(await startRegistry());
    await lab.push(canonical, 'app', ['v1', 'v2', 'v3', 'v4', 'v5']);
    await lab.push(west, 'app', ['v1', 'v2', 'v3', 'v4', 'v5']);
    await lab.sign(canonical, 'app');
    door = await lab.open(canonical, { west: registryAt(west), east: registryAt(east) });
    lagging = await lab.open(canonical, { east: registryAt(east), west: registryAt(west) });
  });
  afterAll(() => lab.close());

  /** What a redirect says, without following it. */
  async function locationOf(program: RedirectorProgram, path: string): Promise<string> {
    const answer = await fetch(program.url + path, { redirect: 'manual' });
    expect(answer.status).toBe(307);
    return answer.headers.get('location') ?? '';
  }

  it('images come from the region, and signatures are in no region', async () => {
    expect(await locationOf(door, '/v2/app/manifests/v1')).toBe(`${west.url}/v2/${MIRROR_PREFIX}/app/manifests/v1`);
    const direct = `${west.host}/${MIRROR_PREFIX}/app:v1`;
    for (const cosign of ['cosign2', 'cosign3'] as const) {
      expect((await lab.run(cosign, 'verify', ...VERIFY, direct)).exitCode, `${cosign} ${direct}`).not.toBe(0);
    }
  });

  it.each([
    ['door', 'v1'],
    ['door', `@${DIGEST}`],
    ['lagging', 'v1'],
    ['lagging', `@${DIGEST}`],
  ])('crane and skopeo pull it whole (%s, %s)', async (which, reference) => {
    const { host } = which === 'door' ? door : lagging;
    const image = `${host}/app${reference.startsWith('@') ? '' : ':'}${reference}`;
    expect(await lab.run('crane', 'digest', image)).toMatchObject({ exitCode: 0, stdout: DIGEST });
    const pulled = await lab.run('crane', 'pull', '--format=oci', image, join(lab.dir, `crane-${which}`));
    expect(pulled.exitCode, pulled.stderr).toBe(0);
    const target = join(lab.dir, `skopeo-${which}-${reference.slice(0, 3)}`);

    const copied = await lab.run(
      'skopeo',
      'copy',
      '--all',
      '--src-tls-verify=false',
      `docker://${image}`,
      `dir:${target}`,
    );

    expect(copied.exitCode, copied.stderr).toBe(0);
    const manifest = readFileSync(join(target, 'manifest.json'));
    expect(`sha256:${createHash('sha256').update(manifest).digest('hex')}`).toBe(DIGEST);
  });

  it('crane and skopeo pull a single platform', async () => {
    const arm = IMAGE.children[1]?.manifest.digest;
    const image = `${door.host}/app:v1`;

    expect(await lab.run('crane', 'digest', '--platform', 'linux/arm64', image)).toMatchObject({ stdout: arm });
    const platform = ['--override-os', 'linux', '--override-arch', 'arm64', '--src-tls-verify=false'];
    const copied = await lab.run('skopeo', 'copy', ...platform, `docker://${image}`, `dir:${join(lab.dir, 'arm')}`);
    expect(copied.exitCode, copied.stderr).toBe(0);
  });

  it('containerd fetches it whole, under its own name and as a mirror of another host', async () => {
    // A mirror is asked with `?ns=`, the host in the name of the image.
    const hosts = join(lab.dir, 'hosts', 'registry.example');
    mkdirSync(hosts, { recursive: true });
    writeFileSync(join(hosts, 'hosts.toml'), `[host."${lagging.url}"]\n  capabilities = ["pull", "resolve"]\n`);
    const containerd = lab.keep(await startContainerd(join(lab.dir, 'containerd')));
    const fetch = ['content', 'fetch', '--all-platforms', '--plain-http'];

    for (const program of [door, lagging]) {
      const fetched = await containerd.ctr(...fetch, `${program.host}/app:v1`);
      expect(fetched.exitCode, fetched.stderr).toBe(0);
    }
    const mirrored = await containerd.ctr(...fetch, '--hosts-dir', join(lab.dir, 'hosts'), 'registry.example/app:v2');
    expect(mirrored.exitCode, mirrored.stderr).toBe(0);

    const images = (await containerd.ctr('images', 'check')).stdout.split('\n').slice(1);
    expect(images).toHaveLength(3);
    // Configuration and layer of this machine's platform; manifests are looked for below.
    for (const line of images) expect(line).toMatch(new RegExp(`${DIGEST}\\s+complete \\(2/2\\)`));
    const content = (await containerd.ctr('content', 'list', '--quiet')).stdout.split('\n');
    const manifests = [IMAGE, ...IMAGE.children].map(({ manifest }) => manifest.digest);
    expect(content).toEqual(expect.arrayContaining(manifests));
  });

  it.each(['cosign2', 'cosign3'] as const)(
    '%s verifies signatures and attestations, by tag and by digest',
    async (cosign) => {
      for (const program of [door, lagging]) {
        for (const image of [`${program.host}/app:v1`, `${program.host}/app@${DIGEST}`]) {
          const verified = await lab.run(cosign, 'verify', ...VERIFY, image);
          expect(verified.exitCode, verified.stderr).toBe(0);
          const predicate = cosign === 'cosign2' ? OLD_PREDICATE : NEW_PREDICATE;
          const attested = await lab.run(cosign, 'verify-attestation', ...VERIFY, '--type', predicate, image);
          expect(attested.exitCode, attested.stderr).toBe(0);
        }
      }
    },
  );

  it('oras discovers both bundles, and fetches them and what they hold by digest', async () => {
    const found = await lab.run('oras', 'discover', '--plain-http', '--format', 'json', `${door.host}/app:v1`);
    expect(found.exitCode, found.stderr).toBe(0);
    const { referrers } = JSON.parse(found.stdout) as { readonly referrers: readonly { readonly digest: string }[] };
    expect(referrers).toHaveLength(2);
    for (const { digest } of referrers) {
      const fetched = await lab.run('oras', 'manifest', 'fetch', '--plain-http', `${door.host}/app@${digest}`);
      expect(fetched.exitCode, fetched.stderr).toBe(0);
      const { layers } = JSON.parse(fetched.stdout) as { readonly layers: readonly { readonly digest: string }[] };
      const blob = await lab.run(
        'oras',
        'blob',
        'fetch',
        '--plain-http',
        '--output',
        '-',
        `${door.host}/app@${layers[0]?.digest}`,
      );
      expect(JSON.parse(blob.stdout), blob.stderr).toHaveProperty('mediaType');
    }
  });

  it('a lagging region answers nobody with not found', async () => {
    const metrics = async (): Promise<string> => (await fetch(`${lagging.metricsUrl}/metrics`)).text();
    await lab.run('crane', 'pull', `${lagging.host}/app:v3`, join(lab.dir, 'lagging.tar'));

    const text = await metrics();
    expect(text).toMatch(
      /requests_total\{kind="blob",region="east",backend="canonical",reason="absent",status="307"\} \d/,
    );
    expect(text).not.toMatch(/backend="east",reason="region"/);
  });
});

describe('a list of tags through the front door', () => {
  let lab: RedirectorLab;
  let door: RedirectorProgram;
  beforeAll(async () => {
    lab = new RedirectorLab();
    const [canonical, west] = [lab.keep(await startRegistry()), lab.keep(await startRegistry())];
    await lab.push(west, 'app', ['v1', 'v2', 'v3', 'v4', 'v5']);
    door = await lab.open(canonical, { west: registryAt(west) });
  });
  afterAll(() => lab.close());

  it('can be paged by link and by last tag', async () => {
    const byLast: string[] = [];
    for (let last = ''; ; last = byLast.at(-1) ?? '') {
      const { tags } = (await (await fetch(`${door.url}/v2/app/tags/list?n=2&last=${last}`)).json()) as {
        tags: string[] | null;
      };
      if (tags === null || tags.length === 0) break;
      byLast.push(...tags);
      expect(byLast.length).toBeLessThanOrEqual(5);
    }
    const byLink: string[] = [];
    let next: string | null = `${door.url}/v2/app/tags/list?n=2`;
    while (next !== null) {
      const answer: Response = await fetch(next);
      byLink.push(...((await answer.json()) as { readonly tags: readonly string[] }).tags);
      const link: string | undefined = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
      // A relative link is resolved against the registry that gave it.
      next = link === undefined ? null : new URL(link, answer.url).href;
    }

    expect(byLast).toEqual(['v1', 'v2', 'v3', 'v4', 'v5']);
    expect(byLink).toEqual(byLast);
  });
});
