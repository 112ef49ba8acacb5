// SPDX-License-Identifier: Apache-2.0
import { type Digest, MEDIA_TYPES, parseManifestDocument, parseRepository, type Repository } from '@promograph/oci';
import { putBlob } from '@promograph/registry';
import { describe, expect, it } from 'vitest';
import { replicateWorld, type ReplicateWorld, subjectNamed } from './replicate-world.testing.ts';

const A = subjectNamed('a');
const ALL = { signatures: true, attestations: true, referrers: true };

function bundlesAt(world: ReplicateWorld, host: string, subject: Digest): Promise<string[]> {
  return world.store
    .gather(parseRepository(`${host}/app`), subject, ALL)
    .then(({ pieces }) => pieces.map(({ bytes }) => bytes.toString()).toSorted());
}

/** A referrer of `A` that is no bundle. */
async function putDocument({ client }: ReplicateWorld, repository: Repository): Promise<Digest> {
  const { blob } = await putBlob(client, { repository, bytes: Buffer.from('{}') });
  const part = { mediaType: 'text/spdx+json', size: 2, digest: blob.digest };
  const subject = { mediaType: MEDIA_TYPES.ociManifest, size: 100, digest: A };
  const { ociManifest: mediaType } = MEDIA_TYPES;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: part, layers: [part], subject }));
  const document = parseManifestDocument(bytes, mediaType);
  await client.putManifest(repository, document.digest, document);
  return document.digest;
}

describe('bundle referrers', () => {
  it.each([
    ['the referrers API', false],
    ['fallback tags', true],
  ])('are brought to mirrors with %s, the signature first, and not twice', async (_, isFallback) => {
    const world = await replicateWorld();
    const canonical = parseRepository(`${world.canonical.host}/app`);
    await world.attach(canonical, A, 'provenance', 'https://slsa.dev/provenance/v1');
    await world.attach(canonical, A, 'signature');
    const order: string[] = [];
    for (const mirror of world.mirrors) {
      mirror.setFault(({ method, path }) => {
        if (isFallback && path.includes('/referrers/')) return { kind: 'status', status: 404 };
        if (method === 'PUT' && path.includes('/manifests/sha256:')) order.push(path.slice(-64));
        return isFallback && path.includes('/manifests/') ? { kind: 'omit-header', name: 'oci-subject' } : undefined;
      });
    }
    const routes = [world.route('app', [A])];

    const dry = await world.replicate({ routes, referrers: true, confirm: false });
    const first = await world.replicate({ routes, referrers: true });
    const second = await world.replicate({ routes, referrers: true });

    expect(dry.summary).toMatchObject({ missing: 4, copied: 0 });
    expect(first.summary).toMatchObject({ missing: 4, copied: 4, failed: 0 });
    expect(second.summary).toMatchObject({ missing: 0, present: 4 });
    const evidence = await world.store.gather(canonical, A, ALL);
    const signature = evidence.pieces.find((piece) => piece.bytes.toString().includes('signature'))?.manifest;
    expect([order[0], order[2]]).toEqual([signature?.slice(-64), signature?.slice(-64)]);
    for (const { host } of world.mirrors) {
      expect(await bundlesAt(world, host, A)).toEqual(['{"bundle":"provenance"}', '{"bundle":"signature"}']);
    }
  });

  it('cost no request where listings tell that no mirror lacks one, and few where one does', async () => {
    const world = await replicateWorld({ listing: 'google' });
    const canonical = parseRepository(`${world.canonical.host}/app`);
    await world.sign('app', A);
    await world.attach(canonical, A, 'signature');
    await putDocument(world, canonical);
    const routes = [world.route('app', [A, subjectNamed('b')])];
    const input = { routes, referrers: true };
    const requests = (): string[] =>
      [world.canonical, ...world.mirrors].flatMap((registry) =>
        registry.requests.map(({ method, path }) => `${method} ${path.replace(/[?].*|[0-9a-f]{64}/g, '')}`),
      );

    expect((await world.replicate({ ...input, confirm: false })).summary).toMatchObject({ missing: 4, copied: 0 });
    expect((await world.replicate(input)).summary).toMatchObject({ copied: 4, failed: 0 });
    for (const registry of [world.canonical, ...world.mirrors]) registry.clearRequests();
    const { summary } = await world.replicate(input);

    expect(summary).toMatchObject({ missing: 0, listRequests: 3 });
    const list = 'GET /v2/app/tags/list';
    // The document that is no bundle stays behind: it is read again, however many mirrors lack it.
    expect(requests().toSorted()).toEqual([
      ...Array<string>(2).fill('GET /v2/app/manifests/sha256:'),
      list,
      list,
      list,
    ]);
    for (const { host } of world.mirrors) expect(await bundlesAt(world, host, A)).toContain('{"bundle":"signature"}');
  });

  it('are not looked for again at a mirror that could not be listed', async () => {
    const world = await replicateWorld();
    await world.sign('app', A);
    await world.attach(parseRepository(`${world.canonical.host}/app`), A, 'signature');
    await world.mirrors[0].close();

    const { summary, hostFailures } = await world.replicate({ routes: [world.route('app', [A])], referrers: true });

    expect(summary).toMatchObject({ copied: 2, failed: 1 });
    expect(hostFailures).toMatchObject([{ edges: 1 }]);
  });

  it('are brought for the children of an index too, and left where nobody asked', async () => {
    const world = await replicateWorld({ permissive: true });
    const canonical = parseRepository(`${world.canonical.host}/app`);
    const child = subjectNamed('child');
    const manifests = [{ mediaType: MEDIA_TYPES.ociManifest, digest: child, size: 100 }];
    const index = parseManifestDocument(
      Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests })),
      MEDIA_TYPES.ociIndex,
    );
    await world.client.putManifest(canonical, index.digest, index);
    await world.attach(canonical, child, 'of the child');
    const routes = [world.route('app', [index.digest])];

    expect((await world.replicate({ routes })).summary.missing).toBe(0);
    expect((await world.replicate({ routes, referrers: true })).summary.copied).toBe(2);
    for (const { host } of world.mirrors)
      expect(await bundlesAt(world, host, child)).toEqual(['{"bundle":"of the child"}']);
  });

  it('that are damaged at the source fail alone, and what is no bundle is left there', async () => {
    const world = await replicateWorld();
    const canonical = parseRepository(`${world.canonical.host}/app`);
    const damaged = await world.attach(canonical, A, 'damaged');
    await world.attach(canonical, A, 'good');
    const document = await putDocument(world, canonical);
    const { pieces } = await world.store.gather(canonical, A, ALL);
    const layer = pieces.find(({ manifest }) => manifest === damaged)?.layer ?? '';
    world.canonical.setFault(({ path }) => (path.endsWith(layer) ? { kind: 'corrupt-body', atByte: 2 } : undefined));

    const { summary, items } = await world.replicate({ routes: [world.route('app', [A])], referrers: true });

    expect(summary).toMatchObject({ copied: 2, failed: 2 });
    expect(items.filter(({ outcome }) => outcome === 'failed').map(({ reference }) => reference)).toEqual([
      damaged,
      damaged,
    ]);
    for (const { host } of world.mirrors) {
      expect(await bundlesAt(world, host, A)).toEqual(['{"bundle":"good"}']);
      expect(await world.client.headManifest(parseRepository(`${host}/app`), document)).toBeNull();
    }
  });
});
