// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { at, copySetup, type CopySetup } from '../test/support/copy-setup.ts';
import { bytesNamed, putImage } from '../test/support/fake-images.ts';
import type { FakeCall } from '../test/support/fake-registry-client.ts';
import { RegistryError } from './registry-error.ts';

const source = at('source.example', 'app');
const destination = at('a.example', 'prod');
const LAYERS = { one: 5000, two: 6000, three: 7000 };
const BLOBS = 4;

/** Blob requests that the destination saw, by kind. */
function asked({ registries }: CopySetup): Partial<Record<FakeCall['method'], number>> {
  const kinds = ['hasBlob', 'mount', 'startUpload', 'finishUpload', 'cancelUpload'] as const;
  const counts = kinds.map((method) => [method, registries.count(method, { host: destination.host })] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

async function copyOne(setup: CopySetup): Promise<string | undefined> {
  const { digest } = putImage(setup.registries, source, LAYERS);
  const [copy] = await setup.engine.copy({ source, digest, destinations: [destination] });
  expect(setup.registries.differences(source, destination)).toEqual([]);
  return copy?.status;
}

describe('a mount from the repository itself', () => {
  it('is not asked for where the profile does not say that it helps', async () => {
    const setup = copySetup();

    expect(await copyOne(setup)).toBe('copied');

    expect(asked(setup)).toEqual({ hasBlob: BLOBS, startUpload: BLOBS, finishUpload: BLOBS });
  });

  it('finds out and starts the upload in one request, after the host was found true once', async () => {
    const setup = copySetup({ ownMount: (host) => host === destination.host });

    expect(await copyOne(setup)).toBe('copied');

    expect(asked(setup)).toEqual({ hasBlob: 1, mount: BLOBS, finishUpload: BLOBS });
  });

  it('tells what is there, after the host was found true once', async () => {
    const setup = copySetup({ ownMount: () => true });
    for (const [name, length] of Object.entries(LAYERS)) {
      const bytes = bytesNamed(name, length);
      setup.registries.repository(destination).blobs.set(digestOf(bytes), bytes);
    }

    expect(await copyOne(setup)).toBe('copied');

    // The config is missing: one look for either kind of answer.
    expect(asked(setup)).toEqual({ hasBlob: 2, mount: BLOBS, finishUpload: 1 });
  });

  it('is given up on a host that says "created" of what is not there', async () => {
    const setup = copySetup({ ownMount: () => true });
    const lying = setup.registries.client();
    const startUpload: typeof lying.startUpload = async (repository, options) =>
      options?.mount?.from === repository.path ? { kind: 'mounted' } : lying.startUpload(repository, options);
    const again = copySetup({ client: { ...lying, startUpload }, ownMount: () => true });
    const { digest } = putImage(setup.registries, source, LAYERS);

    const [copy] = await again.engine.copy({ source, digest, destinations: [destination] });

    expect(copy).toMatchObject({ status: 'copied', copiedBlobs: BLOBS });
    expect(setup.registries.differences(source, destination)).toEqual([]);
  });

  it('is given up on a host that starts an upload of what is there, and the session is ended', async () => {
    const setup = copySetup({ ownMount: () => true });
    setup.registries.hosts.set(destination.host, { isMounting: false });
    const image = putImage(setup.registries, source, LAYERS);
    for (const [digest, bytes] of setup.registries.repository(source).blobs)
      setup.registries.repository(destination).blobs.set(digest, bytes);

    const [copy] = await setup.engine.copy({ source, digest: image.digest, destinations: [destination] });

    expect(copy).toMatchObject({ status: 'copied', copiedBlobs: 0, skippedBlobs: BLOBS });
    expect(setup.registries.count('finishUpload')).toBe(0);
    expect(setup.registries.count('cancelUpload')).toBe(setup.registries.count('mount'));
  });

  it('is asked for three times at most where it is refused', async () => {
    const setup = copySetup({ ownMount: () => true });
    const client = setup.registries.client();
    let refused = 0;
    const startUpload: typeof client.startUpload = async (repository, { mount, ...options } = {}) => {
      refused += mount ? 1 : 0;
      const start = await client.startUpload(repository, options);
      return mount && start.kind === 'started' ? { ...start, isPlain: true } : start;
    };
    const again = copySetup({ client: { ...client, startUpload }, ownMount: () => true });
    for (let index = 0; index < 6; index += 1) {
      const { digest } = putImage(setup.registries, source, { [`layer ${index}`]: 1000 });
      const [copy] = await again.engine.copy({ source, digest, destinations: [destination] });
      expect(copy?.status).toBe('copied');
    }

    expect(refused).toBeLessThanOrEqual(4);
    expect(asked(setup).hasBlob).toBe(12);
  });

  it('is not how a host is asked after an upload that broke off: that one may have got through', async () => {
    const setup = copySetup({ ownMount: () => true });
    let failures = 0;
    setup.registries.faults.after = ({ method }) => {
      if (method === 'finishUpload' && failures++ === 0)
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    };

    expect(await copyOne(setup)).toBe('copied');

    expect(setup.registries.count('finishUpload')).toBe(BLOBS);
    expect(asked(setup)).toEqual({ hasBlob: 2, mount: BLOBS, finishUpload: BLOBS });
  });

  it('leaves the copy to its own failure where nothing may be written', async () => {
    const setup = copySetup({ ownMount: () => true });
    setup.registries.faults.before = ({ method }) => {
      if (method === 'mount') throw new RegistryError('REGISTRY_FORBIDDEN', 'no', { status: 403 });
    };
    const { digest } = putImage(setup.registries, source, LAYERS);

    const [copy] = await setup.engine.copy({ source, digest, destinations: [destination] });

    expect(copy).toMatchObject({ status: 'failed', error: { code: 'REGISTRY_FORBIDDEN' } });
  });
});
