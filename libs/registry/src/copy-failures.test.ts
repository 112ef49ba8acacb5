// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { at, copySetup } from '../test/support/copy-setup.ts';
import { firstLayer, putImage, putManifestJson } from '../test/support/fake-images.ts';
import { inPieces } from '../test/support/fake-registry-client.ts';
import { RegistryError, type RegistryErrorCode } from './registry-error.ts';

const source = at('source.example', 'app');
const [good, bad] = [at('good.example', 'app'), at('bad.example', 'app')];

function failure(code: RegistryErrorCode): RegistryError {
  return new RegistryError(code, 'told to fail', { retryable: code === 'REGISTRY_UNAVAILABLE' });
}

function reset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}

describe('failures of a destination', () => {
  it.each(['headManifest', 'hasBlob', 'startUpload', 'putManifest'] as const)(
    'stay there when %s fails',
    async (method) => {
      const { engine, registries } = copySetup();
      const image = putImage(registries, source, { one: 20_000 });
      registries.faults.before = (call) => {
        if (call.host === bad.host && call.method === method) throw failure('REGISTRY_FORBIDDEN');
      };

      const copies = await engine.copy({ source, digest: image.digest, destinations: [good, bad] });

      expect(copies.map(({ status }) => status)).toEqual(['copied', 'failed']);
      expect(copies[1]?.error).toMatchObject({ code: 'REGISTRY_FORBIDDEN' });
      expect(registries.differences(source, good)).toEqual([]);
      expect(registries.repository(bad).manifests.size).toBe(0);
      expect(registries.count('openBlob')).toBe(image.blobs.length);
    },
  );

  it('stay there when it dies in the middle of an upload', async () => {
    const { engine, registries } = copySetup({ windowBytes: 4000 });
    const image = putImage(registries, source, { one: 900_000 });
    registries.faults.onReceived = ({ host }, received) => {
      if (host === bad.host && received > 500_000) throw failure('REGISTRY_QUOTA');
    };

    const copies = await engine.copy({ source, digest: image.digest, destinations: [bad, good] });

    expect(copies.map(({ status }) => status)).toEqual(['failed', 'copied']);
    expect(copies[0]?.error).toMatchObject({ code: 'REGISTRY_QUOTA' });
    expect(registries.count('openBlob', { reference: firstLayer(image).digest })).toBe(1);
    expect(registries.count('finishUpload', { host: bad.host, reference: firstLayer(image).digest })).toBe(1);
  });

  it('let another copy take over the blob that it was waiting for', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    const [denied, allowed] = [at('a.example', 'denied'), at('a.example', 'allowed')];
    registries.faults.before = ({ path, method }) => {
      if (path === 'denied' && method === 'finishUpload') throw failure('REGISTRY_FORBIDDEN');
    };

    const copies = await engine.copy({ source, digest: image.digest, destinations: [denied, allowed] });

    expect(copies.map(({ status }) => status)).toEqual(['failed', 'copied']);
  });

  it('are tried again in a new session after a look, and then it is whole', async () => {
    const { engine, events, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    let failures = 0;
    registries.faults.onReceived = ({ reference }, received) => {
      if (reference !== firstLayer(image).digest || received < 9000 || failures === 3) return;
      failures += 1;
      throw reset();
    };

    const [copy] = await engine.copy({ source, digest: image.digest, destinations: [good] });

    expect(copy?.status).toBe('copied');
    const calls = registries.calls.filter(({ host, method }) => host === good.host && /Blob|Upload/.test(method));
    const about = calls.filter(({ reference }) => reference === firstLayer(image).digest || reference === '');
    expect(about.filter(({ method }) => method === 'hasBlob')).toHaveLength(4);
    expect(about.filter(({ method }) => method === 'startUpload')).toHaveLength(5);
    expect(events.filter(({ type }) => type === 'upload-retry')).toHaveLength(3);
  });

  it('are not repeated when only the answer was lost: the look finds the blob', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    registries.faults.after = ({ method }) => {
      if (method === 'finishUpload') throw reset();
    };

    const [copy] = await engine.copy({ source, digest: image.digest, destinations: [good] });

    expect(copy).toMatchObject({ status: 'copied', copiedBlobs: 2 });
    expect(registries.count('finishUpload')).toBe(2);
  });

  it.each([
    ['five times where it may pass', 'REGISTRY_UNAVAILABLE', 5],
    ['three times where it is doubtful', 'REGISTRY_REFUSED', 3],
    ['once where it is final', 'REGISTRY_QUOTA', 1],
  ] as const)('are tried %s', async (_, code, attempts) => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    registries.faults.before = ({ method, reference }) => {
      if (method === 'finishUpload' && reference === firstLayer(image).digest) throw failure(code);
    };

    const [copy] = await engine.copy({ source, digest: image.digest, destinations: [good] });

    expect(copy).toMatchObject({ status: 'failed', error: { code } });
    expect(registries.count('finishUpload', { reference: firstLayer(image).digest })).toBe(attempts);
  });

  it('end what else was on its way there', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000, two: 30_000 });
    const [, one, two] = image.blobs;
    const isHanging = Promise.withResolvers<void>();
    registries.faults.before = async ({ method, reference }) => {
      if (method !== 'finishUpload') return;
      if (reference === one?.digest) {
        await isHanging.promise;
        throw failure('REGISTRY_QUOTA');
      }
      if (reference !== two?.digest) return;
      isHanging.resolve();
      await new Promise(() => undefined);
    };

    const [copy] = await engine.copy({ source, digest: image.digest, destinations: [good] });

    expect(copy).toMatchObject({ status: 'failed', error: { code: 'REGISTRY_QUOTA' } });
  });

  it('include a manifest that was accepted and is not there', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20 });
    registries.faults.after = ({ method }) => {
      if (method === 'putManifest') registries.repository(good).manifests.clear();
    };

    const [copy] = await engine.copy({ source, digest: image.digest, destinations: [good] });

    expect(copy).toMatchObject({ status: 'failed', error: { code: 'REGISTRY_PROTOCOL' } });
  });
});

describe('failures of the source', () => {
  it.each([
    ['one byte changed at the end', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')])],
    ['one byte changed at the start', (bytes: Buffer) => Buffer.concat([Buffer.from('!'), bytes.subarray(1)])],
    ['bytes missing', (bytes: Buffer) => bytes.subarray(0, -10)],
    ['bytes added', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('!')])],
    ['nothing', () => Buffer.alloc(0)],
  ])('write nothing to a registry that checks nothing: %s', async (_, corrupt) => {
    const { engine, registries } = copySetup();
    const destinations = [good, bad];
    for (const { host } of destinations) registries.hosts.set(host, { isPermissive: true });
    const image = putImage(registries, source, { one: 20_000 });
    const layer = firstLayer(image).digest;
    registries.faults.source = ({ reference }, bytes) => {
      const pieces = [...inPieces(reference === layer ? corrupt(bytes) : bytes), Buffer.alloc(0)];
      return pieces;
    };

    const copies = await engine.copy({ source, digest: image.digest, destinations });

    expect(copies.map(({ error }) => (error as RegistryError).code)).toEqual(
      destinations.map(() => 'REGISTRY_DIGEST_MISMATCH'),
    );
    for (const destination of destinations) {
      expect(registries.repository(destination).blobs.has(layer)).toBe(false);
      expect(registries.repository(destination).manifests.size).toBe(0);
    }
    expect(registries.count('openBlob', { reference: layer })).toBe(3);
  });

  it.each([
    ['one byte less', 19_999],
    ['one byte more', 20_001],
  ])('include a blob of which the manifest says that it has %s', async (_, size) => {
    const { engine, registries } = copySetup();
    registries.hosts.set(good.host, { isPermissive: true });
    const right = putImage(registries, source, { one: 20_000 });
    const json = JSON.parse(Buffer.from(right.bytes).toString().replace('20000', `${size}`));
    const image = putManifestJson(registries, source, json);

    const [copy] = await engine.copy({ source, digest: image.digest, destinations: [good] });

    expect(copy).toMatchObject({ status: 'failed', error: { code: 'REGISTRY_DIGEST_MISMATCH' } });
    expect(registries.repository(good).blobs.has(firstLayer(image).digest)).toBe(false);
  });

  it('are healed by reading again where the wrong bytes came from the way', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    let reads = 0;
    registries.faults.source = ({ reference }, bytes) => {
      if (reference !== firstLayer(image).digest || (reads += 1) > 1) return inPieces(bytes);
      return inPieces(Buffer.alloc(bytes.length));
    };

    const copies = await engine.copy({ source, digest: image.digest, destinations: [good, bad] });

    expect(copies.map(({ status }) => status)).toEqual(['copied', 'copied']);
    expect(registries.differences(source, good)).toEqual([]);
    expect(reads).toBe(2);
  });

  it('do not make the others wait for a destination that has not answered yet', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    const layer = firstLayer(image).digest;
    const mayLook = Promise.withResolvers<void>();
    let reads = 0;
    registries.faults.source = ({ reference }, bytes) =>
      inPieces(reference === layer && (reads += 1) === 1 ? Buffer.alloc(bytes.length) : bytes);
    registries.faults.before = async ({ host, method, reference }) => {
      if (host === good.host && method === 'putManifest') mayLook.resolve();
      if (host === bad.host && method === 'hasBlob' && reference === layer) await mayLook.promise;
    };

    const copies = await engine.copy({ source, digest: image.digest, destinations: [good, bad] });

    expect(copies.map(({ status }) => status)).toEqual(['copied', 'copied']);
    expect(registries.count('finishUpload', { host: bad.host, reference: layer })).toBe(1);
    expect(reads).toBe(3);
  });

  it('are healed within the same uploads where the source broke off', async () => {
    const { engine, events, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    let reads = 0;
    registries.faults.source = async function* ({ reference }, bytes) {
      const isFirst = reference === firstLayer(image).digest && (reads += 1) < 3;
      // Pieces of another size: the place where it goes on is in the middle of one.
      for (const piece of inPieces(bytes, 700 + reads * 100)) {
        yield piece;
        if (isFirst && piece.byteOffset - bytes.byteOffset > 8000) throw reset();
      }
    };

    const copies = await engine.copy({ source, digest: image.digest, destinations: [good, bad] });

    expect(copies.map(({ status }) => status)).toEqual(['copied', 'copied']);
    expect(registries.differences(source, good)).toEqual([]);
    expect(registries.count('finishUpload', { reference: firstLayer(image).digest })).toBe(2);
    expect(events.filter(({ type }) => type === 'source-resumed')).toHaveLength(2);
  });

  it('end when the blob is not there', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    registries.repository(source).blobs.delete(firstLayer(image).digest);

    const [copy] = await engine.copy({ source, digest: image.digest, destinations: [good] });

    expect(copy).toMatchObject({ status: 'failed', error: { code: 'REGISTRY_NOT_FOUND' } });
    expect(registries.count('cancelUpload', { host: good.host })).toBe(1);
  });
});

describe('cancelling a copy', () => {
  it.each(['the caller', 'the engine'] as const)('ends it promptly with what it had, when %s ends it', async (who) => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    const cancel = new AbortController();
    const hanging = Promise.withResolvers<void>();
    registries.faults.onReceived = ({ host }, received) => {
      if (host === good.host || received < 9000) return;
      hanging.resolve();
      return new Promise(() => undefined);
    };
    const done = Promise.withResolvers<void>();
    const copying = engine.copy({
      source,
      digest: image.digest,
      destinations: [good, bad],
      signal: cancel.signal,
      onDestination: () => done.resolve(),
    });
    await Promise.all([hanging.promise, done.promise]);

    if (who === 'the caller') cancel.abort(new Error('enough'));
    else await engine.close();

    const copies = await copying;
    expect(copies.map(({ status }) => status)).toEqual(['copied', 'failed']);
    expect(copies[1]?.error).toMatchObject({ code: 'REGISTRY_CANCELLED' });
    expect(registries.repository(bad).manifests.size).toBe(0);
  });

  it('ends the read of a source that has stalled', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    const hasStalled = Promise.withResolvers<void>();
    registries.faults.source = async function* (_, bytes) {
      yield bytes.subarray(0, 100);
      hasStalled.resolve();
      await new Promise(() => undefined);
    };
    const cancel = new AbortController();
    const copying = engine.copy({ source, digest: image.digest, destinations: [good, bad], signal: cancel.signal });
    await hasStalled.promise;
    expect(registries.openBodies).toBeGreaterThan(0);

    cancel.abort();

    await expect(copying).resolves.toMatchObject([{ status: 'failed' }, { status: 'failed' }]);
    await expect.poll(() => registries.openBodies).toBe(0);
  });

  it('does not end the same blob for another copy that waits for it', async () => {
    const { engine, registries } = copySetup();
    const image = putImage(registries, source, { one: 20_000 });
    const cancel = new AbortController();
    const hanging = Promise.withResolvers<void>();
    let isFirst = true;
    registries.faults.onReceived = (_, received) => {
      if (!isFirst || received < 9000) return;
      isFirst = false;
      hanging.resolve();
      return new Promise(() => undefined);
    };
    const request = { source, digest: image.digest, destinations: [good] };
    const cancelled = engine.copy({ ...request, signal: cancel.signal });
    const other = engine.copy(request);
    await hanging.promise;

    cancel.abort();

    await expect(cancelled).resolves.toMatchObject([{ status: 'failed' }]);
    await expect(other).resolves.toMatchObject([{ status: 'copied' }]);
  });
});
