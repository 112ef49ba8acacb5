// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '@promograph/oci';
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildImage } from '../images/build-image.ts';
import { pushImage } from '../images/push-image.ts';
import type { RegistryOptions } from './registry-options.ts';
import { type RunningRegistry, startRegistry } from './start-registry.ts';

const image = buildImage({ layers: [{ seed: 'start', sizeBytes: 1000 }] });
const other = buildImage({ layers: [{ seed: 'other', sizeBytes: 1000 }] });

let dir: string;
const running: RunningRegistry[] = [];
const start = async (options: RegistryOptions = {}): Promise<RunningRegistry> => {
  const registry = await startRegistry(options);
  running.push(registry);
  return registry;
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'start-registry-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((registry) => registry.close()));
  rmSync(dir, { recursive: true, force: true });
});

describe('startRegistry', () => {
  it('says where it is', async () => {
    const { url, host, port } = await start({ publicHost: 'localhost' });

    expect([url, host]).toEqual([`http://localhost:${port}`, `localhost:${port}`]);
  });

  it('tells that a port is taken in one line, and leaves no directory', async () => {
    const { port } = await start();

    await expect(start({ port })).rejects.toMatchObject({
      code: 'DEVSTACK_PORT_TAKEN',
      message: `port ${port} is taken by another program`,
    });
  });

  it('removes a directory that is its own and keeps one that was given', async () => {
    const own = await start();
    const given = await start({ dir: join(dir, 'content') });

    await Promise.all([own.close(), given.close()]);
    running.length = 0;

    expect([existsSync(own.dir), existsSync(given.dir)]).toEqual([false, true]);
  });

  it('closes while an answer hangs', async () => {
    const registry = await start({ onRequest: () => ({ kind: 'stall-body', bytes: 0 }) });
    await pushImage({ url: registry.url, repository: 'a', image, tags: ['v1'] }).catch(() => undefined);
    const hung = new Promise<string | undefined>((resolve) => {
      const request = httpGet(`${registry.url}/v2/`, { agent: false }, (incoming) => {
        incoming.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
        void registry.close();
      });
      request.once('error', () => resolve('no answer'));
    });

    expect(await hung).toBe('ECONNRESET');
    running.length = 0;
  });
});

describe('a registry on a directory', () => {
  it('holds after a restart what it had acknowledged', async () => {
    const first = await start({ dir });
    await pushImage({ url: first.url, repository: 'a/b', image, tags: ['v1', 'v2'] });
    await fetch(`${first.url}/v2/a/b/manifests/v2`, { method: 'DELETE' });
    const before = first.repositories();
    await first.close();

    const second = await start({ dir });

    expect(second.repositories()).toEqual(before);
    expect((await fetch(`${second.url}/v2/a/b/manifests/v1`)).status).toBe(200);
  });

  it('drops half a journal line of a killed process and goes on writing', async () => {
    const first = await start({ dir });
    await pushImage({ url: first.url, repository: 'a', image, tags: ['v1'] });
    const before = first.repositories();
    await first.close();
    appendFileSync(join(dir, 'journal.jsonl'), '{"op":"tag","repository":"a","ta');

    const second = await start({ dir });
    await pushImage({ url: second.url, repository: 'b', image });
    await second.close();
    const third = await start({ dir });

    expect(third.repositories()['a']).toEqual(before['a']);
    expect(third.repositories()['b']?.manifests).toEqual([image.manifest.digest]);
  });
});

describe('the record of requests', () => {
  it('has method, path, status, host, authorization, time and body bytes', async () => {
    const registry = await start({ now: () => 42 });
    const body = new Uint8Array(10);

    await fetch(`${registry.url}/v2/a/blobs/uploads/?digest=${digestOf(body)}`, { method: 'POST', body });
    await (await fetch(`${registry.url}/v2/a/blobs/${digestOf(body)}`)).arrayBuffer();

    const common = { host: registry.host, authorization: 'none', atMs: 42 };
    expect(registry.requests).toMatchObject([
      { ...common, method: 'POST', status: 201, bytesIn: 10, bytesOut: 0 },
      { ...common, method: 'GET', path: `/v2/a/blobs/${digestOf(body)}`, status: 200, bytesIn: 0, bytesOut: 10 },
    ]);
  });

  it('sums up, and starts again when cleared', async () => {
    const registry = await start({ recordRequests: false });
    await pushImage({ url: registry.url, repository: 'a', image, tags: ['v1'] });

    const { total, byKind, byStatus, bytesIn } = registry.counts;

    expect(total).toBe(8);
    expect(byKind).toEqual({ 'HEAD blob': 2, 'POST upload': 2, 'PUT upload': 2, 'PUT manifest': 2 });
    expect(byStatus).toEqual({ '201': 4, '202': 2, '404': 2 });
    const sent = image.blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 2 * image.manifest.sizeBytes);
    expect([bytesIn, registry.requests]).toEqual([sent, []]);
    registry.clearRequests();
    expect(registry.counts.total).toBe(0);
  });
});

describe('switches of the registry', () => {
  it('immutableTags: a tag does not move, the same push again is fine', async () => {
    const registry = await start({ immutableTags: true });
    const { url } = registry;
    await pushImage({ url, repository: 'a', image, tags: ['v1'] });

    await pushImage({ url, repository: 'a', image, tags: ['v1', 'v2'] });
    const moved = pushImage({ url, repository: 'a', image: other, tags: ['v1'] });

    await expect(moved).rejects.toMatchObject({ code: 'DEVSTACK_PUSH_FAILED' });
    expect(registry.repositories()['a']?.tags['v1']).toBe(image.manifest.digest);
  });

  it('permissive: takes wrong digests, holes and manifests of nothing, and tells what did not match', async () => {
    const registry = await start({ permissive: true });
    const claimed = digestOf('claimed');
    const headers = { 'content-type': 'text/plain' };

    const blob = await fetch(`${registry.url}/v2/a/blobs/uploads/?digest=${claimed}`, {
      method: 'POST',
      body: 'other',
    });
    const orphan = await fetch(`${registry.url}/v2/a/manifests/v1`, {
      method: 'PUT',
      body: new Uint8Array(image.manifest.bytes),
    });
    const text = await fetch(`${registry.url}/v2/a/manifests/${claimed}`, { method: 'PUT', body: 'no json', headers });

    expect([blob.status, orphan.status, text.status]).toEqual([201, 201, 201]);
    expect(registry.mismatches).toEqual([
      { repository: 'a', claimed, actual: digestOf('other') },
      { repository: 'a', claimed, actual: digestOf('no json') },
    ]);
  });

  it('requestsPerSecond: the next request gets 429 with Retry-After, a second later it passes', async () => {
    let clock = 0;
    const { url } = await start({ requestsPerSecond: 2, now: () => clock });
    const status = async (): Promise<number> => (await fetch(`${url}/v2/`)).status;

    const first = [await status(), await status(), await status()];
    const refused = await fetch(`${url}/v2/`);
    clock = 999;
    const still = await status();
    clock = 1000;
    const after = [await status(), await status(), await status()];

    expect([first, still, after]).toEqual([[200, 200, 429], 429, [200, 200, 429]]);
    expect(refused.headers.get('retry-after')).toBe('1');
  });

  it('latencyMs: answers all the same', async () => {
    const { url } = await start({ latencyMs: 3 });

    expect((await fetch(`${url}/v2/`)).status).toBe(200);
  });

  it('maxManifestBytes: a smaller limit', async () => {
    const { url } = await start({ maxManifestBytes: 10 });

    expect((await fetch(`${url}/v2/a/manifests/v1`, { method: 'PUT', body: '{"schemaVersion":2}' })).status).toBe(413);
  });
});
