// SPDX-License-Identifier: Apache-2.0
import { buildImage, buildIndex, pushImage, startRegistry } from '@promograph/devstack';
import { signatureTag } from '@promograph/signing';
import { parseDigest } from '@promograph/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EvidenceWatch, type Kept, type Watched } from './support/evidence-watch.ts';
import { type PeerRegistry, startPeerRegistry } from './support/peer-registry.ts';
import type { RunningProgram } from './support/promotion-lab.ts';
import { readTags } from './support/registry-state.ts';
import { PUBLIC_NAME, TrustLab } from './support/trust-lab.ts';
import { WatchingProxy, type WatchedRequest } from './support/watching-proxy.ts';

const RECORD = 'https://k8s.io/promo-tools/promotion/v1';
const SIGN = 'https://sigstore.dev/cosign/sign/v1';
const web = buildIndex({
  images: ['amd64', 'arm64'].map((seed) => buildImage({ layers: [{ sizeBytes: 2000, seed }] })),
});
const index = web.manifest.digest;
const digests = [index, ...web.children.map(({ manifest }) => manifest.digest)];

/** Where the run is killed, and what it must have left: tags of images, and pieces of evidence that are ours. */
interface KillPoint {
  readonly name: string;
  readonly arm: (scene: Scene, kill: () => void) => void;
  readonly left: { readonly tags: readonly string[]; readonly pieces: number };
}

interface Scene {
  readonly lab: TrustLab;
  readonly proxy: WatchingProxy;
}

const isManifestPut = ({ method, path }: WatchedRequest, reference: string): boolean =>
  method === 'PUT' && path.endsWith(`/manifests/${reference}`);

/** Kills at the first request of which `isHere` says so, after an answer or in place of the request. */
function atRegistry(isHere: (request: WatchedRequest) => boolean, when: 'before' | 'after'): KillPoint['arm'] {
  return ({ proxy }, kill) => {
    const hook = (request: WatchedRequest): 'pass' | 'drop' => {
      if (isHere(request)) kill();
      return isHere(request) ? 'drop' : 'pass';
    };
    proxy.hooks = when === 'before' ? { onRequest: hook } : { onAnswer: hook };
  };
}

/** Kills when so many requests for a log entry have come; that one is never answered. */
function atLogEntry(count: number): KillPoint['arm'] {
  return ({ lab }, kill) => {
    let asked = 0;
    lab.sigstore.setFault(({ service, method }) => {
      if (service !== 'rekorV1' || method !== 'POST') return undefined;
      asked += 1;
      if (asked >= count) kill();
      return asked >= count ? { kind: 'drop-response' } : undefined;
    });
  };
}

const KILL_POINTS: readonly KillPoint[] = [
  { name: 'between copy and signature', arm: atLogEntry(1), left: { tags: [], pieces: 0 } },
  {
    name: 'with the children signed and the index unsigned',
    arm: atRegistry((request) => isManifestPut(request, signatureTag(parseDigest(index)) ?? ''), 'before'),
    // Bundle and .sig of each child, and the bundle of the index.
    left: { tags: [], pieces: 5 },
  },
  { name: 'between signature and record', arm: atLogEntry(7), left: { tags: [], pieces: 6 } },
  {
    name: 'between record and tag',
    arm: atRegistry((request) => isManifestPut(request, 'v1'), 'before'),
    left: { tags: [], pieces: 7 },
  },
  {
    name: 'with a tag written and no receipt',
    arm: atRegistry((request) => isManifestPut(request, 'v1'), 'after'),
    left: { tags: ['v1'], pieces: 7 },
  },
];

describe.each(['embedded', 'docker-registry'] as const)('a run that signs, killed at %s', (kind) => {
  let lab: TrustLab;
  let registry: Pick<PeerRegistry, 'url' | 'host'>;
  let proxy: WatchingProxy;
  let watch: EvidenceWatch;

  beforeEach(async () => {
    lab = await TrustLab.open();
    const source = lab.keep(await startRegistry());
    registry = lab.keep(kind === 'embedded' ? await startRegistry() : await startPeerRegistry());
    proxy = lab.keep(await WatchingProxy.before(registry.url));
    watch = lab.keep(new EvidenceWatch(lab.sigstore));
    await pushImage({ url: source.url, repository: 'staging/web', image: web });
    lab.project('web', [source.host, proxy.host], { web: { [index]: ['v1', 'v2'] } });
    lab.configure({ canonical: proxy.host, more: 'attest: {}\n' });
  });
  afterEach(() => lab.close());

  it.each(KILL_POINTS)('$name ends signed once when it is run again', async ({ arm, left }) => {
    await killDuring(arm);
    const found = await pieces();
    expect(found).toBe(left.pieces);
    expect(await imageTags()).toEqual(left.tags);
    for (const tag of left.tags) expect([tag, await watch.verdict(at(index))]).toEqual([tag, 'verified']);
    const { rekorV1Entries } = lab.sigstore.counts();
    const seen = watchTags();

    const { exitCode, stdout, stderr } = await lab.run('run', '--confirm');

    expect(exitCode, stdout + stderr).toBe(0);
    const written = ['v1', 'v2'].filter((tag) => !left.tags.includes(tag));
    expect(seen.toSorted()).toEqual(written.map((tag) => `${tag} verified`));
    expect(await imageTags()).toEqual(['v1', 'v2']);
    expect(await Promise.all(digests.map((digest) => watch.kept(at(digest))))).toEqual(
      digests.map((digest): Kept => ({
        sig: 1,
        bundles: { [SIGN]: 1, ...(digest === index && { [RECORD]: 1 }) },
        other: 0,
      })),
    );
    expect(lab.sigstore.counts().rekorV1Entries - rekorV1Entries).toBe(7 - found);
    expect((await lab.run('verify')).exitCode).toBe(0);
  });

  async function killDuring(arm: KillPoint['arm']): Promise<void> {
    let isKilled = false;
    let program: RunningProgram | null = null;
    arm({ lab, proxy }, () => {
      isKilled = true;
      program?.kill('SIGKILL');
    });
    program = lab.start('run', '--confirm');
    const { exitCode, stdout, stderr } = await program.ended;
    expect([isKilled, exitCode], stdout + stderr).toEqual([true, null]);
    lab.sigstore.setFault(undefined);
    proxy.hooks = {};
  }

  /** What our verifier says of the index whenever a tag is about to be written: held until then, nobody can pull it before. */
  function watchTags(): readonly string[] {
    const seen: string[] = [];
    proxy.hooks = {
      onRequest: async (request): Promise<'pass'> => {
        const tag = ['v1', 'v2'].find((name) => isManifestPut(request, name));
        if (tag !== undefined) seen.push(`${tag} ${await watch.verdict(at(index))}`);
        return 'pass';
      },
    };
    return seen;
  }

  function at(digest: string): Watched {
    return { repository: `${registry.host}/prod/web`, digest, reference: `${PUBLIC_NAME}/web` };
  }

  /** Pieces of evidence that are there, all of them ours. */
  async function pieces(): Promise<number> {
    const kept = await Promise.all(digests.map((digest) => watch.kept(at(digest))));
    expect(kept.map(({ other }) => other)).toEqual([0, 0, 0]);
    return kept.reduce(
      (sum, { sig, bundles }) => sum + sig + Object.values(bundles).reduce((all, count) => all + count, 0),
      0,
    );
  }

  async function imageTags(): Promise<readonly string[]> {
    const tags = Object.keys(await readTags(registry.url, 'prod/web'));
    return tags.filter((tag) => !tag.startsWith('sha256-'));
  }
});
