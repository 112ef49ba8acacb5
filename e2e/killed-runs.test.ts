// SPDX-License-Identifier: Apache-2.0
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, buildIndex, pushImage, startRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPeerRegistry, type PeerRegistry } from './support/peer-registry.ts';
import { PromotionLab, type RunningProgram } from './support/promotion-lab.ts';
import { readTags } from './support/registry-state.ts';
import { WatchingProxy, type WatchedRequest, type WatchHooks } from './support/watching-proxy.ts';

const web = buildIndex({
  images: ['amd64', 'arm64'].map((seed) => buildImage({ layers: [{ sizeBytes: 3_000_000, seed }] })),
});
const digest = web.manifest.digest;
const isManifestPut = (request: WatchedRequest, reference: string): boolean =>
  request.method === 'PUT' && request.path.endsWith(`/manifests/${reference}`);

/** Where the run is killed, and what the registry must hold of it then. */
interface KillPoint {
  readonly name: string;
  readonly hooks: (kill: () => void) => WatchHooks;
  readonly isTagged: boolean;
}

const KILL_POINTS: readonly KillPoint[] = [
  {
    name: 'in the middle of a blob',
    hooks: (kill) => ({
      onBody: (request) => {
        if (request.path.includes('/blobs/uploads/') && request.bodyBytes > 1_000_000) kill();
      },
    }),
    isTagged: false,
  },
  {
    name: 'with the children written and no index',
    hooks: (kill) => ({ onRequest: (request) => killAt(isManifestPut(request, digest), kill) }),
    isTagged: false,
  },
  {
    name: 'with the index written and no tag',
    hooks: (kill) => ({ onRequest: (request) => killAt(isManifestPut(request, 'v1'), kill) }),
    isTagged: false,
  },
  {
    name: 'with the tag written and no receipt',
    hooks: (kill) => ({ onAnswer: (request) => killAt(isManifestPut(request, 'v1'), kill) }),
    isTagged: true,
  },
];

function killAt(isHere: boolean, kill: () => void): 'pass' | 'drop' {
  if (isHere) kill();
  return isHere ? 'drop' : 'pass';
}

describe.each(['docker-registry', 'embedded'] as const)('a promotion killed at %s', (kind) => {
  let lab: PromotionLab;
  let registry: Pick<PeerRegistry, 'url'>;
  let proxy: WatchingProxy;

  beforeEach(async () => {
    lab = new PromotionLab();
    const source = lab.keep(await startRegistry());
    registry = lab.keep(kind === 'embedded' ? await startRegistry() : await startPeerRegistry());
    proxy = lab.keep(await WatchingProxy.before(registry.url));
    await pushImage({ url: source.url, repository: 'staging/web', image: web });
    lab.project('web', [source.host, proxy.host], { web: { [digest]: ['v1'] } });
  });
  afterEach(() => lab.close());

  it.each(KILL_POINTS)('$name converges when it is run again', async ({ hooks, isTagged }) => {
    await killDuring(hooks);

    const halfWay = await readTags(registry.url, 'prod/web');
    expect(Object.keys(halfWay)).toEqual(isTagged ? ['v1'] : []);
    proxy.hooks = {};
    const { exitCode, stdout, stderr } = await lab.run('promote', '--confirm');

    expect(exitCode, stdout + stderr).toBe(0);
    expect(await readTags(registry.url, 'prod/web')).toEqual({ v1: everything() });
    expectReadableJournal();
  });

  async function killDuring(hooks: KillPoint['hooks']): Promise<void> {
    let isKilled = false;
    let program: RunningProgram | null = null;
    proxy.hooks = hooks(() => {
      isKilled = true;
      program?.kill('SIGKILL');
    });
    program = lab.start('promote', '--confirm');
    const { exitCode, stdout, stderr } = await program.ended;
    expect([isKilled, exitCode], stdout + stderr).toEqual([true, null]);
  }

  function expectReadableJournal(): void {
    const journal = join(lab.tree, '.promo', 'web', 'promote.jsonl');
    const lines = existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n').filter(Boolean) : [];
    expect(lines.map((line) => (JSON.parse(line) as { tag: string }).tag)).toEqual(lines.map(() => 'v1'));
    const receipt = JSON.parse(readFileSync(join(lab.tree, '.promo', 'web', 'promote.json'), 'utf8')) as object;
    expect(receipt).toMatchObject({ confirmed: true, summary: { failed: 0 } });
  }
});

/** What an undisturbed run leaves: the digests that the tag reaches, in the order of `readClosure`. */
function everything(): readonly string[] {
  const manifests = web.children.flatMap(({ manifest, blobs }) => [
    manifest.digest,
    ...blobs.map((blob) => blob.digest),
  ]);
  return [digest, ...manifests];
}
