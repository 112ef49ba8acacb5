// SPDX-License-Identifier: Apache-2.0
import { buildImage, buildIndex, pushImage, type BuiltImage } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPeerRegistry, type PeerRegistry } from './support/peer-registry.ts';
import { PromotionLab } from './support/promotion-lab.ts';
import { readTags } from './support/registry-state.ts';
import { WatchingProxy, type WatchedRequest } from './support/watching-proxy.ts';

const BLOB_BYTES = 600_000;
const image = (seed: string): BuiltImage => buildImage({ layers: [{ sizeBytes: BLOB_BYTES, seed }] });
const isUploadEnd = ({ method, path }: WatchedRequest): boolean => method === 'PUT' && path.includes('/blobs/uploads/');
const isTagWrite = ({ method, path }: WatchedRequest): boolean =>
  method === 'PUT' && /\/manifests\/(?!sha256:)/.test(path);
const isBlobRead = ({ method, path }: WatchedRequest): boolean => method === 'GET' && /\/blobs\/sha256:/.test(path);

/** Each on registries of another project, with a proxy before them; a program with the guard taken out must fail it. */
describe('what promote guarantees', () => {
  let lab: PromotionLab;
  let sourceRegistry: PeerRegistry;
  let destinationRegistry: PeerRegistry;
  let source: WatchingProxy;
  let destination: WatchingProxy;
  const web = buildIndex({ images: [image('amd64'), image('arm64')] });
  const digest = web.manifest.digest;

  beforeEach(async () => {
    lab = new PromotionLab();
    sourceRegistry = lab.keep(await startPeerRegistry());
    destinationRegistry = lab.keep(await startPeerRegistry());
    source = lab.keep(await WatchingProxy.before(sourceRegistry.url));
    destination = lab.keep(await WatchingProxy.before(destinationRegistry.url));
    await pushImage({ url: sourceRegistry.url, repository: 'staging/web', image: web });
    lab.project('web', [source.host, destination.host], { web: { [digest]: ['v1'] } });
  });
  afterEach(() => lab.close());

  it('1: writes blobs, then children, then the index, then the tag', async () => {
    const { exitCode, stdout, stderr } = await lab.run('promote', '--confirm');

    expect(exitCode, stdout + stderr).toBe(0);
    const writes = destination.requests.filter(({ method, status }) => method === 'PUT' && status === 201);
    const kinds = writes.map((request) => {
      if (isUploadEnd(request)) return 'blob';
      if (isTagWrite(request)) return 'tag';
      return request.path.endsWith(digest) ? 'index' : 'child';
    });
    expect(kinds).toEqual(['blob', 'blob', 'blob', 'blob', 'child', 'child', 'index', 'tag']);
    expect(await readTags(destinationRegistry.url, 'prod/web')).toHaveProperty('v1');
  });

  it('1: completes a digest before it tags it, when someone left it without a child', async () => {
    const orphan = image('amd64');
    await pushImage({ url: destinationRegistry.url, repository: 'prod/web', image: web });
    const gone = `${destinationRegistry.url}/v2/prod/web/manifests/${orphan.manifest.digest}`;
    expect((await fetch(gone, { method: 'DELETE' })).status).toBe(202);

    const { exitCode, stdout, stderr } = await lab.run('promote', '--confirm');

    expect(exitCode, stdout + stderr).toBe(0);
    expect(await readTags(destinationRegistry.url, 'prod/web')).toHaveProperty('v1');
  });

  it('2: lets no corrupted byte finish an upload, and reports the digest', async () => {
    const bad = image('amd64').blobs[1]?.digest ?? '';
    source.hooks = { onAnswer: ({ path }) => (path.includes(bad) ? 'corrupt' : 'pass') };

    const { exitCode, stdout, stderr } = await lab.run('promote', '--confirm');

    expect(exitCode).toBe(6);
    expect(stdout + stderr).toContain(bad);
    expect(stdout + stderr).toMatch(/digest/i);
    const whole = destination.requests.filter(
      (request) => isUploadEnd(request) && request.path.includes(encodeURIComponent(bad)),
    );
    expect(whole.every(({ bodyBytes, announcedBytes }) => bodyBytes < (announcedBytes ?? 0))).toBe(true);
    expect(destination.requests.some(isTagWrite)).toBe(false);
  }, 600_000);

  it('3: refuses a tag that appears between the plan and its own write', async () => {
    const rival = image('rival');
    let pushed: Promise<void> | null = null;
    destination.hooks = {
      onRequest: async (request): Promise<'pass'> => {
        if (isUploadEnd(request)) {
          pushed ??= pushImage({
            url: destinationRegistry.url,
            repository: 'prod/web',
            image: rival,
            tags: ['v1'],
          });
          await pushed;
        }
        return 'pass';
      },
    };

    const { exitCode, stdout } = await lab.run('promote', '--confirm');

    expect(exitCode).toBe(4);
    expect(stdout).toContain(rival.manifest.digest);
    expect(stdout).toContain(digest);
    expect(destination.requests.some(isTagWrite)).toBe(false);
    expect((await readTags(destinationRegistry.url, 'prod/web'))['v1']?.[0]).toBe(rival.manifest.digest);
  });

  it('4: reads each blob once for all destinations, and mounts within a host', async () => {
    const second = lab.keep(await WatchingProxy.before(lab.keep(await startPeerRegistry()).url));
    await pushImage({ url: sourceRegistry.url, repository: 'staging/copy', image: web });
    lab.project('web', [source.host, destination.host, second.host], {
      web: { [digest]: ['v1'] },
      copy: { [digest]: ['v1'] },
    });

    const { exitCode, stdout, stderr } = await lab.run('promote', '--confirm');

    expect(exitCode, stdout + stderr).toBe(0);
    const reads = source.requests.filter(isBlobRead).map(({ path }) => path.slice(path.indexOf('sha256:')));
    expect(reads.toSorted()).toEqual([...new Set(reads)].toSorted());
    for (const proxy of [destination, second]) {
      expect(proxy.requests.filter(isUploadEnd)).toHaveLength(4);
      expect(proxy.requests.filter(({ path, status }) => path.includes('mount=') && status === 201)).toHaveLength(4);
    }
  });

  it('6: keeps to the requests per second that are written down', async () => {
    const limit = 20;
    lab.write(
      'promograph.yaml',
      `apiVersion: promograph/v1\nregistries:\n  "${destination.host}":\n    requestsPerSecond: ${limit}\n`,
    );
    const arrivals: number[] = [];
    destination.hooks = {
      onRequest: () => {
        arrivals.push(performance.now());
        return 'pass';
      },
    };
    const tags = Array.from({ length: 40 }, (_, index) => `v${index}`);
    lab.project('web', [source.host, destination.host], { web: { [digest]: tags } });

    const { exitCode, stdout, stderr } = await lab.run('promote', '--confirm');

    expect(exitCode, stdout + stderr).toBe(0);
    const busiest = arrivals.map((start) => arrivals.filter((at) => at >= start && at < start + 1000).length);
    // Arrival jitters behind the grant; half as much again is far below what an unlimited run sends.
    expect(Math.max(...busiest)).toBeLessThanOrEqual(limit * 1.5);
  });

  it('7: fails a project of which not one image is at the source', async () => {
    const other = `sha256:${'1'.repeat(64)}`;
    const another = `sha256:${'2'.repeat(64)}`;
    lab.project('web', [source.host, destination.host], { web: { [other]: ['v1'], [another]: ['v2'] } });

    const { exitCode, stdout, stderr } = await lab.run('promote', '--confirm');

    expect(exitCode).toBe(5);
    expect(stdout + stderr).toContain('Not one image of this project was found');
  });

  it('8: tries writing before the first byte and keeps a refusal to its destination', async () => {
    const second = lab.keep(await startPeerRegistry());
    lab.project('web', [source.host, destination.host, second.host], { web: { [digest]: ['v1'] } });
    let readsAtRefusal = -1;
    destination.hooks = {
      onRequest: ({ method }) => {
        if (method !== 'POST') return 'pass';
        readsAtRefusal = source.requests.filter(isBlobRead).length;
        return 'drop';
      },
    };

    const { exitCode } = await lab.run('promote', '--confirm');

    expect(exitCode).toBe(6);
    expect(readsAtRefusal).toBe(0);
    expect(await readTags(second.url, 'prod/web')).toHaveProperty('v1');
  }, 600_000);
});
