// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type RunningRegistry, startRegistry } from '@promograph/devstack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPeerRegistry } from './support/peer-registry.ts';
import { IMAGE, MIRROR_PREFIX, type Mirror, RedirectorLab, registryAt } from './support/redirector-lab.ts';
import { type RedirectorProgram, startRedirectorProgram } from './support/redirector-program.ts';
import { type RunningWorker, startWorker } from './support/redirector-workerd.ts';

const DIGEST = IMAGE.manifest.digest;
const HEX = 'ab'.repeat(32);
const VERIFY = ['--key', 'cosign.pub', '--insecure-ignore-tlog=true'];

let lab: RedirectorLab;
let canonical: Mirror;
let west: RunningRegistry;
let worker: RunningWorker;
let server: RedirectorProgram;
let config: object;
beforeAll(async () => {
  lab = new RedirectorLab();
  [canonical, west] = [lab.keep(await startPeerRegistry('docker-registry')), lab.keep(await startRegistry())];
  for (const mirror of [canonical, west]) await lab.push(mirror, 'app', ['v1']);
  await lab.push(canonical, 'app', ['late']);
  await lab.sign(canonical, 'app');
  config = {
    canonical: [registryAt(canonical)],
    regions: { west: registryAt(west) },
    default: 'canonical',
    client: { trustedHops: 1, header: 'x-client-country', headerValues: { GB: 'west' } },
    takedown: [{ repository: 'bad' }],
    health: { interval: '200ms', timeout: '200ms', fall: 2, rise: 2 },
  };
  worker = lab.keep(await startWorker(config));
  server = lab.keep(await startRedirectorProgram(config));
});
afterAll(() => lab.close());

const FROM_WEST = { 'x-client-country': 'GB', 'x-forwarded-for': '192.0.2.1' };

async function answerOf(url: string, path: string, method = 'GET'): Promise<readonly [number, string | null]> {
  const answer = await fetch(url + path, { method, redirect: 'manual', headers: FROM_WEST });
  return [answer.status, answer.headers.get('location')];
}

describe('the worker in workerd', () => {
  it.each([
    ['GET', '/v2/'],
    ['GET', '/'],
    ['POST', '/v2/app/manifests/v1'],
    ['HEAD', '/v2/app/manifests/v1'],
    ['GET', '/v2/app/manifests/late'],
    ['GET', '/v2/app/manifests/nothing'],
    ['GET', `/v2/app/manifests/${DIGEST}?ns=registry.example`],
    ['GET', `/v2/app/blobs/${IMAGE.children[0]?.blobs[0]?.digest}`],
    ['GET', `/v2/app/blobs/sha256:${HEX}`],
    ['GET', '/v2/app/blobs/sha256:1'],
    ['GET', `/v2/app/manifests/sha256-${HEX}.sig`],
    ['GET', `/v2/app/referrers/${DIGEST}?artifactType=a/b`],
    ['GET', '/v2/app/tags/list?n=5&last=a'],
    ['GET', '/v2/bad/tags/list'],
    ['GET', '/v2/%2e%2e/x/manifests/v1'],
    ['GET', '/v2/P/manifests/v1'],
  ])('answers %s %s as the server does', async (method, path) => {
    expect(await answerOf(worker.url, path, method)).toEqual(await answerOf(server.url, path, method));
  });

  it('sends clients to the region that the edge names', async () => {
    const path = '/v2/app/manifests/v1';
    expect(await answerOf(worker.url, path)).toEqual([307, `${west.url}/v2/${MIRROR_PREFIX}/app/manifests/v1`]);
    const elsewhere = await fetch(worker.url + path, { redirect: 'manual' });
    expect(elsewhere.headers.get('location')).toBe(`${canonical.url}/v2/${MIRROR_PREFIX}/app/manifests/v1`);
    expect(elsewhere.headers.get('cache-control')).toBe('no-store');
  });

  it.each(['cosign2', 'cosign3'] as const)('lets %s verify, and crane pull', async (cosign) => {
    const verified = await lab.run(cosign, 'verify', ...VERIFY, `${worker.host}/app:v1`);
    expect(verified.exitCode, verified.stderr).toBe(0);
    const pulled = await lab.run('crane', 'pull', '--format=oci', `${worker.host}/app:v1`, join(lab.dir, cosign));
    expect(pulled.exitCode, pulled.stderr).toBe(0);
  });
});

describe('what degrades in a worker', () => {
  it('has no pages for operators', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect(await answerOf(worker.url, path)).toEqual([404, null]);
  });

  it('asks for each client, since requests may not wait for each other', async () => {
    west.clearRequests();
    west.setFault(() => ({ kind: 'delay', ms: 200 }));

    const paths = Array<string>(5).fill(`/v2/app/manifests/sha256:${'cd'.repeat(32)}`);
    const answers = await Promise.all(paths.map((path) => answerOf(worker.url, path)));

    west.setFault(undefined);
    expect(new Set(answers.map(([status]) => status))).toEqual(new Set([307]));
    expect(west.requests.filter(({ path }) => path.includes('cdcd')).length).toBeGreaterThan(1);
  });

  it('takes no file of ranges', async () => {
    const refused = lab.keep(await startWorker({ ...config, client: { ranges: 'ranges.json' } }));

    expect((await fetch(refused.url)).status).toBe(500);
  });

  // Last: it ends the region.
  it('learns health only while requests come, and then leaves a region that is down', async () => {
    await west.close();

    await expect
      .poll(() => answerOf(worker.url, '/v2/app/tags/list'))
      .toEqual([307, `${canonical.url}/v2/${MIRROR_PREFIX}/app/tags/list`]);
  });
});
