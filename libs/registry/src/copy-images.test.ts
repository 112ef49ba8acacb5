// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { at, copySetup } from '../test/support/copy-setup.ts';
import { firstLayer, putImage, putIndex, putManifestJson } from '../test/support/fake-images.ts';
import { RegistryError } from './registry-error.ts';

const source = at('source.example', 'app');
const mirrors = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => at(`${name}.example`, 'app'));

describe('copying images', () => {
  it('reads each blob of the source once, however many destinations there are', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 50_000, two: 3000, three: 0 });

    const copies = await engine.copy({ source, digest: image.digest, destinations: mirrors });

    expect(copies.map(({ status }) => status)).toEqual(mirrors.map(() => 'copied'));
    for (const { digest } of image.blobs) expect(registries.count('openBlob', { reference: digest })).toBe(1);
    for (const mirror of mirrors) {
      expect(registries.repository(mirror).blobs).toEqual(registries.repository(source).blobs);
      expect(registries.repository(mirror).manifests).toEqual(registries.repository(source).manifests);
    }
    expect(copies[0]).toMatchObject({ copiedBlobs: 4, copiedBytes: 53_300, mountedBlobs: 0, skippedBlobs: 0 });
  });

  it('does not ask again for a digest that was found absent, and writes it though it came meanwhile', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 500 });
    const [early, late] = [at('a.example', 'app'), at('b.example', 'app')];
    await engine.copy({ source, digest: image.digest, destinations: [late] });
    const before = registries.count('headManifest', {});

    const copies = await engine.copy({
      source,
      digest: image.digest,
      destinations: [early, late],
      isAbsent: () => true,
    });

    expect(copies.map(({ status }) => status)).toEqual(['copied', 'copied']);
    // What was written is looked at, once for each.
    expect(registries.count('headManifest', {}) - before).toBe(2);
    for (const place of [early, late])
      expect(registries.repository(place).manifests).toEqual(registries.repository(source).manifests);
  });

  it('reads a layer that twenty images share once for eight hosts and mounts it elsewhere', async () => {
    const { engine, registries } = copySetup();
    const images = Array.from({ length: 20 }, (_, index) => {
      const from = at('source.example', `image${index}`);
      return { from, image: putImage(registries, from, { shared: 20_000, [`own ${index}`]: 2000 }) };
    });

    const all = await Promise.all(
      images.map(({ from, image }) =>
        engine.copy({
          source: from,
          digest: image.digest,
          destinations: mirrors.map(({ host }) => at(host, from.path)),
        }),
      ),
    );

    const shared = firstLayer(images[0]?.image ?? putIndex(registries, source, []));
    expect(all.flat().map(({ status }) => status)).toEqual(Array.from({ length: 160 }, () => 'copied'));
    expect(registries.count('openBlob', { reference: shared.digest })).toBe(1);
    expect(registries.count('finishUpload', { reference: shared.digest })).toBe(8);
    expect(registries.count('mount', { reference: shared.digest })).toBe(19 * 8);
  });

  it('mounts from the source and reads nothing where source and destination share a host', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 5000 });

    const [copy] = await engine.copy({
      source,
      digest: image.digest,
      destinations: [at('source.example', 'prod/app')],
    });

    expect(copy).toMatchObject({ status: 'copied', mountedBlobs: 2, mountedBytes: 5300, copiedBlobs: 0 });
    expect(registries.count('openBlob')).toBe(0);
    expect(registries.count('hasBlob')).toBe(0);
  });

  it('uploads into the session of a refused mount', async () => {
    const { engine, registries } = copySetup();
    registries.hosts.set('source.example', { isMounting: false });
    const image = putImage(registries, source, { one: 5000 });

    const [copy] = await engine.copy({
      source,
      digest: image.digest,
      destinations: [at('source.example', 'prod/app')],
    });

    expect(copy).toMatchObject({ status: 'copied', mountedBlobs: 0, copiedBlobs: 2 });
    expect(registries.count('startUpload')).toBe(0);
    expect(registries.count('mount')).toBe(2);
  });

  it('uploads plainly where the registry answers a mount with an error', async () => {
    const { engine, registries } = copySetup();
    registries.faults.before = ({ method }) => {
      if (method === 'mount') throw new RegistryError('REGISTRY_UNAUTHORIZED', 'no such project', { status: 401 });
    };
    const image = putImage(registries, source, { one: 5000 });

    const [copy] = await engine.copy({
      source,
      digest: image.digest,
      destinations: [at('source.example', 'prod/app')],
    });

    expect(copy).toMatchObject({ status: 'copied', copiedBlobs: 2 });
  });

  it('does not make repositories of one host wait for each other once the host refused a mount', async () => {
    const { engine, registries } = copySetup();
    registries.hosts.set('a.example', { isMounting: false });
    const first = putImage(registries, source, { one: 5000 });
    const second = putImage(registries, source, { two: 6000 });
    const destinations = [at('a.example', 'x'), at('a.example', 'y')];
    await engine.copy({ source, digest: first.digest, destinations });

    await engine.copy({ source, digest: second.digest, destinations });

    expect(registries.count('openBlob', { reference: firstLayer(second).digest })).toBe(1);
  });

  it('uploads a blob once where two copies want it in one repository', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 50_000 });
    const request = { source, digest: image.digest, destinations: mirrors };

    const [first, second] = await Promise.all([engine.copy(request), engine.copy(request)]);

    expect(registries.count('finishUpload', { reference: firstLayer(image).digest })).toBe(mirrors.length);
    expect([...first, ...second].every(({ status }) => status === 'copied')).toBe(true);
  });

  it('finds a complete closure present without writing anything', async () => {
    const { engine, registries } = copySetup();
    const child = putImage(registries, source, { one: 5000 });
    const index = putIndex(registries, source, [child]);
    await engine.copy({ source, digest: index.digest, destinations: mirrors.slice(0, 1) });
    const again = copySetup({ client: registries.client() });
    registries.calls.length = 0;

    const [copy] = await again.engine.copy({ source, digest: index.digest, destinations: mirrors.slice(0, 1) });

    expect(copy).toMatchObject({ status: 'present', skippedBlobs: 2, copiedBytes: 0 });
    const writes = registries.calls.filter(({ method }) => /put|start|finish|mount/.test(method));
    expect(writes).toEqual([]);
  });

  it('repairs a digest that somebody left without its blobs and children', async () => {
    const { engine, registries } = copySetup();
    const destination = at('a.example', 'app');
    const child = putImage(registries, source, { one: 5000 });
    const index = putIndex(registries, source, [child]);
    registries.repository(destination).manifests.set(index.digest, {
      bytes: Buffer.from(index.bytes),
      mediaType: index.mediaType,
    });

    const [copy] = await engine.copy({ source, digest: index.digest, destinations: [destination] });

    expect(copy?.status).toBe('copied');
    expect(registries.differences(source, destination)).toEqual([]);
  });

  it('brings a blob again that the registry lost after it had shown it', async () => {
    const { engine, registries } = copySetup();
    const destination = at('a.example', 'app');
    const image = putImage(registries, source, { one: 5000 });
    let collected = false;
    registries.faults.before = ({ host, method }) => {
      if (host !== 'a.example' || method !== 'putManifest' || collected) return;
      collected = true;
      registries.repository(destination).blobs.clear();
    };

    const [copy] = await engine.copy({ source, digest: image.digest, destinations: [destination] });

    expect(copy).toMatchObject({ status: 'copied', copiedBlobs: 2, error: null });
    expect(registries.differences(source, destination)).toEqual([]);
  });

  it('writes blobs, then children, then the index, even where the registry would take any order', async () => {
    const { engine, registries } = copySetup();
    registries.hosts.set('a.example', { isPermissive: true });
    const children = [putImage(registries, source, { one: 5000 }), putImage(registries, source, { two: 50 })];
    const inner = putIndex(registries, source, children.slice(1));
    const index = putIndex(registries, source, [...children, inner]);

    await engine.copy({ source, digest: index.digest, destinations: [at('a.example', 'app')] });

    const writes = registries.calls.filter(({ host, method }) => host === 'a.example' && /put|finish/.test(method));
    const order = writes.map(({ method, reference }) => (method === 'finishUpload' ? 'blob' : reference));
    expect(order.slice(0, 4)).toEqual(['blob', 'blob', 'blob', 'blob']);
    expect(new Set(order.slice(4, 6))).toEqual(new Set(children.map(({ digest }) => digest)));
    expect(order.slice(6)).toEqual([inner.digest, index.digest]);
  });

  it('copies the descriptor of a foreign layer, not its bytes', async () => {
    const { engine, registries } = copySetup();
    const own = putImage(registries, source, { one: 5000 });
    const text = Buffer.from(own.bytes).toString();
    const foreign = JSON.parse(text.replace('"layers":[{', '"layers":[{"urls":["https://example.com/layer"],'));
    const image = putManifestJson(registries, source, foreign);
    registries.hosts.set('a.example', { isPermissive: true });

    const [copy] = await engine.copy({ source, digest: image.digest, destinations: [at('a.example', 'app')] });

    expect(copy).toMatchObject({ status: 'copied', copiedBlobs: 1, copiedBytes: 300 });
    expect(registries.count('openBlob', { reference: firstLayer(image).digest })).toBe(0);
  });

  it('tells each destination as soon as it ended', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 5000 });
    const gate = Promise.withResolvers<void>();
    registries.faults.before = ({ host, method }) =>
      host === 'b.example' && method === 'headManifest' ? gate.promise : undefined;
    const told: string[] = [];

    await engine.copy({
      source,
      digest: image.digest,
      destinations: mirrors.slice(0, 2),
      onDestination: ({ destination }) => {
        told.push(destination.host);
        gate.resolve();
      },
    });

    expect(told).toEqual(['a.example', 'b.example']);
  });

  it('starts and cancels an upload to try whether it may write', async () => {
    const { engine, registries } = copySetup();

    await engine.tryWrite(at('a.example', 'app'));

    expect(registries.calls.map(({ method }) => method)).toEqual(['startUpload', 'cancelUpload']);
  });

  it('asks before the digest itself is written, when everything below it is there', async () => {
    const { engine, registries } = copySetup();
    const child = putImage(registries, source, { one: 5000 });
    const index = putIndex(registries, source, [child]);
    const [mirror = source] = mirrors;
    const seen: string[][] = [];

    await engine.copy({
      source,
      digest: index.digest,
      destinations: [mirror],
      beforeRoot: async (repository) => {
        seen.push([...registries.repository(repository).manifests.keys()]);
      },
    });

    expect(seen).toEqual([[child.digest]]);
    expect(registries.repository(mirror).manifests.has(index.digest)).toBe(true);
  });

  it('writes the digest only where the question before it was answered well', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 5000 });
    const [refused = source, other = source] = mirrors;

    const copies = await engine.copy({
      source,
      digest: image.digest,
      destinations: [refused, other],
      beforeRoot: async ({ host }) => {
        if (host === refused.host) throw new RegistryError('REGISTRY_FORBIDDEN', 'not yet');
      },
    });

    expect(copies.map(({ status }) => status)).toEqual(['failed', 'copied']);
    expect(registries.repository(refused).manifests.size).toBe(0);
  });
});
