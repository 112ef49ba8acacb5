// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata, MetadataKind } from '@tufjs/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SigstoreFault } from './sigstore-fault.ts';
import type { SigstoreOptions } from './sigstore-options.ts';
import { type RunningSigstore, startSigstore } from './start-sigstore.ts';

let dir: string;
const running: RunningSigstore[] = [];
const start = async (options: SigstoreOptions = {}): Promise<RunningSigstore> => {
  const sigstore = await startSigstore({ dir, ...options });
  running.push(sigstore);
  return sigstore;
};
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devstack-sigstore-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((sigstore) => sigstore.close()));
  rmSync(dir, { recursive: true, force: true });
});

type Json = Parameters<typeof Metadata.fromJSON>[1];
const json = async (url: string): Promise<Json> => (await fetch(url)).json() as Promise<Json>;

describe('the trust files', () => {
  it('name the services that answer, and one log each', async () => {
    const { files, url, tsaUrl } = await start();
    const read = (path: string): Record<string, { url: string; majorApiVersion: number }[]> =>
      JSON.parse(readFileSync(path, 'utf8')) as never;
    const [v1, v2] = [read(files.signingConfig), read(files.signingConfigRekorV2)];

    expect(v1['rekorTlogUrls']).toMatchObject([{ url, majorApiVersion: 1 }]);
    expect(v2['rekorTlogUrls']).toMatchObject([{ url, majorApiVersion: 2 }]);
    expect([v1['caUrls'], v1['tsaUrls']]).toMatchObject([[{ url, majorApiVersion: 1 }], [{ url: tsaUrl }]]);
    expect(Object.values(files).filter((file) => !existsSync(file))).toEqual([]);
  });

  it('are in the TUF repository, whose roles sign one another', async () => {
    const { files, tufUrl } = await start();
    const root = Metadata.fromJSON(MetadataKind.Root, JSON.parse(readFileSync(files.tufRoot, 'utf8')) as Json);
    const timestamp = Metadata.fromJSON(MetadataKind.Timestamp, await json(`${tufUrl}/timestamp.json`));
    const snapshot = Metadata.fromJSON(MetadataKind.Snapshot, await json(`${tufUrl}/1.snapshot.json`));
    const targets = Metadata.fromJSON(MetadataKind.Targets, await json(`${tufUrl}/1.targets.json`));
    const target = targets.signed.targets['trusted_root.json'];

    root.verifyDelegate('root', root);
    root.verifyDelegate('timestamp', timestamp);
    root.verifyDelegate('snapshot', snapshot);
    root.verifyDelegate('targets', targets);
    const stored = await fetch(`${tufUrl}/targets/${target?.hashes['sha256'] ?? ''}.trusted_root.json`);
    expect(await stored.text()).toBe(readFileSync(files.trustedRoot, 'utf8'));
    expect((await fetch(`${tufUrl}/2.root.json`)).status).toBe(404);
    expect(Object.keys(targets.signed.targets)).toContain('signing_config_rekor_v2.v0.2.json');
  });

  it('stay where they were asked for, and go with a directory of its own', async () => {
    const kept = await start();
    const own = await startSigstore();
    await Promise.all([kept.close(), own.close()]);

    expect([existsSync(kept.files.trustedRoot), existsSync(own.dir)]).toEqual([true, false]);
  });
});

describe('the server', () => {
  it('listens on loopback, counts requests by service, and knows no other path', async () => {
    const sigstore = await start();

    const unknown = await fetch(`${sigstore.url}/nothing`);
    await fetch(`${sigstore.url}/api/v1/log`);
    await fetch(`${sigstore.tufUrl}/root.json`);

    expect([new URL(sigstore.url).hostname, unknown.status]).toEqual(['127.0.0.1', 404]);
    const none = { oidc: 0, fulcio: 0, rekorV2: 0, tsa: 0 };
    expect(sigstore.counts().requests).toEqual({ ...none, rekorV1: 1, tuf: 1 });
  });

  it('says that its port is taken', async () => {
    const { port } = await start();

    await expect(startSigstore({ port })).rejects.toMatchObject({ code: 'DEVSTACK_PORT_TAKEN' });
  });

  it('lets a service be slow', async () => {
    const sigstore = await start({ latency: { rekorV1Ms: 60_000 } });
    const log = fetch(`${sigstore.url}/api/v1/log`, { signal: AbortSignal.timeout(100) });

    await expect(log).rejects.toThrow();
    expect((await fetch(`${sigstore.url}/keys`)).status).toBe(200);
  });
});

describe('a fault', () => {
  const faulty = (fault: SigstoreFault): Promise<RunningSigstore> =>
    start({ onRequest: ({ service }) => (service === 'oidc' ? fault : undefined) });

  it('answers a status with its headers in place of the work', async () => {
    const sigstore = await faulty({ kind: 'status', status: 429, headers: { 'retry-after': '3' }, body: 'slow down' });

    const answer = await fetch(`${sigstore.url}/token`);

    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([429, '3', 'slow down']);
    expect(sigstore.counts()).toMatchObject({ tokens: 0, requests: { oidc: 1 } });
  });

  it.each<[string, SigstoreFault, number]>([
    ['reset', { kind: 'reset' }, 0],
    ['drop-response', { kind: 'drop-response' }, 1],
  ])('of kind %s ends the connection', async (_name, fault, minted) => {
    const sigstore = await faulty(fault);

    await expect(fetch(`${sigstore.url}/token`)).rejects.toThrow();
    expect(sigstore.counts().tokens).toBe(minted);
  });

  it('of kind hang never answers', async () => {
    const sigstore = await faulty({ kind: 'hang' });

    await expect(fetch(`${sigstore.url}/token`, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
    expect(sigstore.counts().tokens).toBe(0);
  });

  it('rewrites an answer, and ends when the hook is taken away', async () => {
    const sigstore = await faulty({ kind: 'rewrite', rewrite: () => 'wrong' });

    expect(await (await fetch(`${sigstore.url}/keys`)).text()).toBe('wrong');
    sigstore.setFault(undefined);
    expect(await (await fetch(`${sigstore.url}/keys`)).json()).toHaveProperty('keys');
  });
});
