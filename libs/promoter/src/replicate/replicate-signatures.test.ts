// SPDX-License-Identifier: Apache-2.0
import { digestOf, MEDIA_TYPES, parseManifestDocument, parseRepository } from '@promograph/oci';
import { putBlob } from '@promograph/registry';
import { attestationTag, signatureTag, simpleSigningPayload } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import { replicateWorld, type ReplicateWorld, signatureNamed, subjectNamed } from './replicate-world.testing.ts';

const A = subjectNamed('a');
const B = subjectNamed('b');
const sigOf = (digest: typeof A): string => signatureTag(digest) ?? '';

/** What a registry was asked for since its requests were cleared, without queries and the names of uploads. */
function requests(registry: ReplicateWorld['canonical']): string[] {
  return registry.requests.map(
    ({ method, path }) => `${method} ${path.replace(/\?.*/, '').replace(/uploads\/.+/, 'uploads/')}`,
  );
}

function clear({ canonical, mirrors }: ReplicateWorld): void {
  for (const registry of [canonical, ...mirrors]) registry.clearRequests();
}

describe('replicateSignatures', () => {
  it.each(['oci', 'google'] as const)(
    'brings what is missing, byte for byte, and nothing twice (%s)',
    async (listing) => {
      const world = await replicateWorld({ listing });
      await world.sign('app', A);
      await world.sign('app', B, 'one');
      await world.sign('app', B, 'two');
      const routes = [world.route('app', [A, B])];

      const dry = await world.replicate({ routes, confirm: false });
      expect(world.mirrors.map((mirror) => mirror.repositories())).toEqual([{}, {}]);
      const first = await world.replicate({ routes });
      clear(world);
      const second = await world.replicate({ routes });

      const summary = { groups: 2, signed: 2, failed: 0, listRequests: 3 };
      expect(dry.summary).toEqual({ ...summary, present: 0, missing: 4, copied: 0 });
      expect(dry.items.map(({ outcome }) => outcome)).toEqual(['planned', 'planned', 'planned', 'planned']);
      expect(first.summary).toEqual({ ...summary, present: 0, missing: 4, copied: 4 });
      expect(second.summary).toEqual({ ...summary, present: 4, missing: 0, copied: 0 });
      const [held] = Object.values(world.canonical.repositories());
      for (const mirror of world.mirrors) {
        expect(mirror.repositories()['app']?.tags).toEqual(held?.tags);
        expect(requests(mirror)).toEqual(['GET /v2/app/tags/list']);
      }
      expect(requests(world.canonical)).toEqual(['GET /v2/app/tags/list']);
    },
  );

  it('reads a small image once for both mirrors, and writes it with a request for each blob', async () => {
    const world = await replicateWorld();
    await world.sign('app', A);
    await world.sign('app', B, 'another');
    clear(world);

    await world.replicate({ routes: [world.route('app', [A, B])] });

    expect(requests(world.canonical).toSorted()).toEqual(
      [
        'GET /v2/app/tags/list',
        `GET /v2/app/manifests/${sigOf(A)}`,
        `GET /v2/app/manifests/${sigOf(B)}`,
        `GET /v2/app/blobs/${digestOf('payload of signature')}`,
        `GET /v2/app/blobs/${digestOf('payload of another')}`,
      ].toSorted(),
    );
    for (const mirror of world.mirrors) {
      // The one HEAD proves that the registry took what it says it took.
      expect(mirror.counts.byKind).toEqual({ 'GET tags': 1, 'HEAD blob': 1, 'POST upload': 4, 'PUT manifest': 2 });
    }
  });

  it.each([
    ['the name that users pull', (world: ReplicateWorld) => world.route('app', []).reference],
    ['the canonical repository itself', (world: ReplicateWorld) => world.route('app', []).canonical],
  ])('reads no payload that signing writes by rule for %s', async (_, referenceOf) => {
    const world = await replicateWorld();
    await world.sign('app', A, simpleSigningPayload(referenceOf(world), A));
    clear(world);

    const { summary } = await world.replicate({ routes: [world.route('app', [A])] });

    expect(summary).toMatchObject({ copied: 2, failed: 0 });
    expect(requests(world.canonical)).toEqual(['GET /v2/app/tags/list', `GET /v2/app/manifests/${sigOf(A)}`]);
    for (const mirror of world.mirrors) {
      expect(await mirror.content(digestOf(simpleSigningPayload(referenceOf(world), A)))).toHaveLength(
        simpleSigningPayload(referenceOf(world), A).length,
      );
    }
  });

  it.each([
    ['keeps what is signed meanwhile at a mirror that is signed at as well', true, 'theirs'],
    ['does not look again elsewhere, where only replication writes', false, 'ours'],
  ])('%s', async (_, isCanonical, kept) => {
    const world = await replicateWorld();
    await world.sign('app', A, 'ours');
    const [mirror] = world.mirrors;
    const repository = parseRepository(`${mirror.host}/app`);
    const client = {
      ...world.client,
      listTagDigests: async (...call: Parameters<typeof world.client.listTagDigests>) => {
        const listed = await world.client.listTagDigests(...call);
        const layer = { bytes: Buffer.from('payload of theirs'), annotations: signatureNamed('theirs') };
        if (call[0].host === mirror.host) await world.store.addSignatures(repository, A, [layer]);
        return listed;
      },
    };
    const canonicals = new Set(isCanonical ? [`${mirror.host}/app`] : []);

    const { summary } = await world.replicate({ routes: [world.route('app', [A])], canonicals }, { client });

    expect(summary).toMatchObject(isCanonical ? { present: 1, copied: 1 } : { copied: 2 });
    const { pieces } = await world.store.gather(repository, A, {
      signatures: true,
      attestations: false,
      referrers: false,
    });
    expect(pieces.map(({ bytes }) => bytes.toString())).toEqual([`payload of ${kept}`]);
  });

  it('lists canonical repositories first, and mirrors only where there is something to bring', async () => {
    const world = await replicateWorld();
    await world.sign('signed', A);
    await putBlob(world.client, {
      repository: parseRepository(`${world.canonical.host}/bare`),
      bytes: Buffer.from('x'),
    });
    clear(world);

    const { summary } = await world.replicate({
      routes: [world.route('bare', [A, B]), world.route('missing', [A]), world.route('signed', [A, B])],
    });

    expect(summary).toMatchObject({ groups: 5, signed: 1, copied: 2, listRequests: 5 });
    for (const mirror of world.mirrors) expect(requests(mirror).join()).not.toMatch(/bare|missing/);
  });

  it('leaves a tag of other content alone, and tells', async () => {
    const world = await replicateWorld({ listing: 'google' });
    const routes = [world.route('app', [A])];
    await world.sign('app', A, 'one');
    await world.replicate({ routes });
    await world.sign('app', A, 'two');
    const before = world.mirrors.map((mirror) => mirror.repositories());

    const { summary, differing } = await world.replicate({ routes });

    expect([summary.present, summary.copied, differing]).toEqual([2, 0, 2]);
    expect(world.mirrors.map((mirror) => mirror.repositories())).toEqual(before);
  });

  it('copies .att tags, children of indexes and what is too large for memory', async () => {
    const world = await replicateWorld();
    const repository = parseRepository(`${world.canonical.host}/app`);
    const large = Buffer.alloc(2 * 1024 * 1024, 'an attestation ');
    const config = Buffer.from('{"not":"what cosign writes"}');
    for (const bytes of [large, config]) await putBlob(world.client, { repository, bytes });
    const describe = (bytes: Buffer): object => ({ mediaType: 'x/y', size: bytes.length, digest: digestOf(bytes) });
    const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config: describe(config) };
    const put = async (tag: string | null, layers: readonly Buffer[]): Promise<void> => {
      const bytes = Buffer.from(JSON.stringify({ ...manifest, layers: layers.map(describe) }));
      await world.client.putManifest(repository, tag ?? '', parseManifestDocument(bytes, manifest.mediaType));
    };
    await put(attestationTag(A), [large]);
    await put(attestationTag(B), [config]);
    await put('v1', [config]);
    await world.sign('app', subjectNamed('a child that no manifest names'));

    const { summary } = await world.replicate({ routes: [world.route('app', [A, B])] });

    expect(summary).toMatchObject({ signed: 2, copied: 6, failed: 0 });
    for (const mirror of world.mirrors) {
      const { tags } = mirror.repositories()['app'] ?? {};
      expect(Object.keys(tags ?? {})).toHaveLength(3);
      expect(await mirror.content(digestOf(large))).toEqual(large);
    }
  });

  it('keeps the failure of a host to that host, and asks it once', async () => {
    const world = await replicateWorld();
    await world.sign('app', A);
    await world.sign('app2', A);
    await world.sign('app2', B);
    await world.mirrors[0].close();

    const { summary, hostFailures, items } = await world.replicate({
      routes: [world.route('app', [A]), world.route('app2', [A, B])],
    });

    expect(summary).toMatchObject({ copied: 3, failed: 3 });
    expect(items.every(({ destination }) => destination.startsWith(world.mirrors[1].host))).toBe(true);
    expect(hostFailures).toMatchObject([{ host: world.mirrors[0].host, code: 'REGISTRY_UNREACHABLE', edges: 3 }]);
  });

  it('keeps the failure of a copy to that copy', async () => {
    const world = await replicateWorld();
    await world.sign('app', A, 'one');
    await world.sign('app', B, 'two');
    world.canonical.setFault(({ path }) =>
      path.endsWith(digestOf('payload of one')) ? { kind: 'corrupt-body', atByte: 2 } : undefined,
    );

    const { summary, items } = await world.replicate({ routes: [world.route('app', [A, B])] });

    expect(summary).toMatchObject({ copied: 2, failed: 2, missing: 4 });
    const failed = items.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ error, reference }) => [error?.code, reference])).toEqual([
      ['REGISTRY_DIGEST_MISMATCH', sigOf(A)],
      ['REGISTRY_DIGEST_MISMATCH', sigOf(A)],
    ]);
    for (const mirror of world.mirrors)
      expect(Object.keys(mirror.repositories()['app']?.tags ?? {})).toEqual([sigOf(B)]);
  });

  it('does not trust a listing that ends early', async () => {
    const world = await replicateWorld();
    await world.sign('app', A);
    await world.replicate({ routes: [world.route('app', [A])] });
    await world.sign('app', B);
    clear(world);
    const cut = {
      ...world.client,
      listTagDigests: async () => ({ tags: new Map(), digests: null, uploadedMs: null, isComplete: false }),
    };

    const { summary } = await world.replicate({ routes: [world.route('app', [A, B])] }, { client: cut });

    expect(summary).toMatchObject({ signed: 2, present: 2, copied: 2 });
  });

  it('never has more copies in flight than it may', async () => {
    const world = await replicateWorld();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await world.sign('app', subjectNamed(name));
    let [now, most] = [0, 0];
    const counting = {
      ...world.client,
      putManifest: async (...call: Parameters<typeof world.client.putManifest>) => {
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setImmediate(resolve));
        return world.client.putManifest(...call).finally(() => (now -= 1));
      },
    };

    const { summary } = await world.replicate(
      { routes: [world.route('app', [A])], maxCopies: 2 },
      { client: counting },
    );

    expect(summary.copied).toBe(10);
    expect(most).toBe(2);
  });

  it('ends with the reason of its cancellation', async () => {
    const world = await replicateWorld();
    await world.sign('app', A);
    const stop = new AbortController();
    const reason = new Error('enough');
    const onProgress = (): void => stop.abort(reason);

    await expect(
      world.replicate({ routes: [world.route('app', [A])] }, { signal: stop.signal, onProgress }),
    ).rejects.toBe(reason);
    expect(world.mirrors.map((mirror) => mirror.repositories())).toEqual([{}, {}]);
  });
});
