// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningSigstore, startSigstore } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testClient } from '../sign/signing-world.testing.ts';
import { loadTrust } from './load-trust.ts';
import { PUBLIC_GOOD_MIRROR, shippedRoot } from './shipped-root.ts';
import type { TufOptions } from './tuf-repository.ts';

let sigstore: RunningSigstore;
let dir: string;
beforeEach(async () => {
  sigstore = await startSigstore();
  dir = mkdtempSync(join(tmpdir(), 'promograph-trust-'));
});
afterEach(async () => {
  await sigstore.close();
  rmSync(dir, { recursive: true, force: true });
});

const tuf = (rest: Partial<TufOptions> = {}): TufOptions => {
  const rootPath = join(dir, 'root.json');
  cpSync(sigstore.files.tufRoot, rootPath);
  return { mirror: sigstore.tufUrl, rootPath, cacheDir: join(dir, 'cache'), client: testClient(), ...rest };
};

describe('trust from files', () => {
  it('is read without any request', async () => {
    const { trustedRoot, signingConfig } = sigstore.files;
    const trust = loadTrust({ trustedRoots: [trustedRoot, trustedRoot], signingConfig, tuf: null });

    expect((await trust.trustedRoots()).map((root) => root.tlogs.length)).toEqual([2, 2]);
    expect((await trust.signingConfig()).caUrls[0]?.url).toBe(sigstore.url);
    expect(sigstore.counts().requests.tuf).toBe(0);
  });

  it.each([
    ['a missing file', null],
    ['no JSON', '{'],
    ['another document', '{"mediaType":"application/json"}'],
    ['no object', '[]'],
  ])('%s is an error that names it', async (_, content) => {
    const path = join(dir, 'own.json');
    if (content !== null) writeFileSync(path, content);
    const trust = loadTrust({ trustedRoots: [path], signingConfig: path, tuf: null });

    await expect(trust.trustedRoots()).rejects.toMatchObject({
      code: 'SIGNING_TRUST',
      message: expect.stringContaining('own.json'),
    });
    await expect(trust.signingConfig()).rejects.toMatchObject({ code: 'SIGNING_CONFIG' });
  });

  it('without file or repository there is none', async () => {
    await expect(loadTrust({ tuf: null }).trustedRoots()).rejects.toMatchObject({ code: 'SIGNING_CONFIG' });
  });
});

describe('trust from TUF', () => {
  it('is fetched once, however many ask at once', async () => {
    const trust = loadTrust({ tuf: tuf() });
    const roots = await Promise.all(Array.from({ length: 20 }, () => trust.trustedRoots()));
    const alone = sigstore.counts().requests.tuf;
    const config = await trust.signingConfig();

    expect(new Set(roots).size).toBe(1);
    expect(config.rekorTlogUrls[0]?.majorApiVersion).toBe(1);
    expect(sigstore.counts().requests.tuf).toBe(alone);
  });

  it('a second run asks only for what may have changed', async () => {
    const options = tuf();
    await loadTrust({ tuf: options }).trustedRoots();
    const first = sigstore.counts().requests.tuf;
    await loadTrust({ tuf: options }).trustedRoots();

    expect(sigstore.counts().requests.tuf - first).toBe(2);
    expect(first).toBeGreaterThan(4);
  });

  it('is used offline once an earlier run has kept it', async () => {
    const options = tuf();
    const before = await loadTrust({ tuf: options }).trustedRoots();
    sigstore.setFault(() => ({ kind: 'reset' }));
    const trust = loadTrust({ tuf: options });

    expect(await trust.trustedRoots()).toEqual(before);
    expect((await trust.signingConfig()).caUrls[0]?.url).toBe(sigstore.url);
  });

  it('is not used offline once its metadata has expired', async () => {
    const options = tuf();
    await loadTrust({ tuf: options }).trustedRoots();
    sigstore.setFault(() => ({ kind: 'reset' }));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 366 * 86_400_000 });
    try {
      await expect(loadTrust({ tuf: options }).trustedRoots()).rejects.toMatchObject({ code: 'SIGNING_TRUST' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not there offline before, and the error tells what could not be reached', async () => {
    sigstore.setFault(() => ({ kind: 'status', status: 503 }));
    const trust = loadTrust({ tuf: tuf() });

    await expect(trust.trustedRoots()).rejects.toMatchObject({ code: 'SIGNING_TRUST', status: 503, retryable: true });
    sigstore.setFault(undefined);
    expect(await trust.trustedRoots()).toHaveLength(1);
  });

  it('a failure may pass: what came late is used', async () => {
    sigstore.setFault(({ sequence }) => (sequence === 3 ? { kind: 'status', status: 500 } : undefined));

    expect(await loadTrust({ tuf: tuf() }).trustedRoots()).toHaveLength(1);
  });

  it('bytes that were tampered with are refused, and not kept, even where something is kept', async () => {
    const options = tuf();
    const before = await loadTrust({ tuf: options }).trustedRoots();
    const rewrite = (body: Buffer): string => body.toString().replace(/"version": ?\d+/, '"version":999');
    sigstore.setFault(({ path }) => (path.endsWith('timestamp.json') ? { kind: 'rewrite', rewrite } : undefined));

    await expect(loadTrust({ tuf: options }).trustedRoots()).rejects.toMatchObject({ code: 'SIGNING_TRUST' });
    sigstore.setFault(undefined);
    expect(await loadTrust({ tuf: options }).trustedRoots()).toEqual(before);
  });

  it('a file larger than it may be is refused', async () => {
    const rewrite = (): Buffer => Buffer.alloc(20_000, 0x20);
    sigstore.setFault(({ path }) => (path.endsWith('timestamp.json') ? { kind: 'rewrite', rewrite } : undefined));

    await expect(loadTrust({ tuf: tuf() }).trustedRoots()).rejects.toMatchObject({ code: 'SIGNING_TRUST' });
  });

  it('what another root vouched for is not taken from the cache', async () => {
    const options = tuf();
    await loadTrust({ tuf: options }).trustedRoots();
    const root = JSON.parse(readFileSync(sigstore.files.tufRoot, 'utf8')) as { signatures: { sig: string }[] };
    const stranger = join(dir, 'stranger.json');
    writeFileSync(stranger, JSON.stringify({ ...root, signatures: [] }));

    await expect(loadTrust({ tuf: { ...options, rootPath: stranger } }).trustedRoots()).rejects.toMatchObject({
      code: 'SIGNING_TRUST',
    });
  });

  it('leaves nothing beside its cache', async () => {
    await loadTrust({ tuf: tuf() }).trustedRoots();

    expect(readdirSync(join(dir, 'cache'))).toHaveLength(1);
  });

  it('a mirror without a known root, or without TLS, is a mistake of the configuration', async () => {
    const { rootPath: _, ...own } = tuf();
    await expect(loadTrust({ tuf: own }).trustedRoots()).rejects.toMatchObject({ code: 'SIGNING_CONFIG' });
    const plain = tuf({ mirror: 'http://mirror.example' });
    await expect(loadTrust({ tuf: plain }).trustedRoots()).rejects.toMatchObject({ code: 'SIGNING_CONFIG' });
  });

  it('the public good instance has a root shipped with the program', async () => {
    const root = JSON.parse((await shippedRoot(`${PUBLIC_GOOD_MIRROR}/`)).toString()) as { signed: { _type: string } };

    expect(root.signed._type).toBe('root');
  });
});
