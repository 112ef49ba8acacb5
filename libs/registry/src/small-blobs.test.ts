// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { at } from '../test/support/copy-setup.ts';
import { FakeRegistries } from '../test/support/fake-registry-client.ts';
import { blobOf } from './client-world.testing.ts';
import { putBlob } from './put-blob.ts';
import { readBlob } from './read-blob.ts';
import { RegistryError } from './registry-error.ts';

const repository = at('a.test', 'app');
const bytes = Buffer.from('a small blob');
const blob = blobOf(bytes);
const retry = { attempts: 4, baseMs: 1, capMs: 1 };

describe('readBlob', () => {
  it('answers the bytes, after wrong and cut ones were asked for again', async () => {
    const registries = new FakeRegistries();
    registries.repository(repository).blobs.set(blob.digest, bytes);
    let reads = 0;
    registries.faults = {
      source: (_call, whole) => [reads++ === 0 ? Buffer.from('another blob') : whole.subarray(0, reads === 2 ? 5 : 99)],
    };

    expect(await readBlob(registries.client(), { repository, blob }, { retry })).toEqual(bytes);
    expect(registries.count('openBlob')).toBe(3);
  });

  it('refuses bytes that stay wrong, and those beyond the size by the descriptor', async () => {
    const registries = new FakeRegistries();
    registries.repository(repository).blobs.set(blob.digest, Buffer.from('a small blob and more'));

    await expect(readBlob(registries.client(), { repository, blob }, { retry })).rejects.toMatchObject({
      code: 'REGISTRY_DIGEST_MISMATCH',
    });
  });

  it('does not ask for a blob that is too large', async () => {
    const registries = new FakeRegistries();

    await expect(readBlob(registries.client(), { repository, blob }, { maxBytes: 11 })).rejects.toMatchObject({
      code: 'REGISTRY_PROTOCOL',
    });
    expect(registries.calls).toEqual([]);
  });
});

describe('putBlob', () => {
  it('asks first, and sends nothing that is there', async () => {
    const registries = new FakeRegistries();

    const first = await putBlob(registries.client(), { repository, bytes });
    const second = await putBlob(registries.client(), { repository, bytes });

    expect([first.status, second.status]).toEqual(['written', 'present']);
    expect(first.blob).toEqual(blob);
    expect(registries.calls.map(({ method }) => method)).toEqual(['hasBlob', 'startUpload', 'finishUpload', 'hasBlob']);
    expect(registries.repository(repository).blobs.get(digestOf(bytes))).toEqual(bytes);
  });

  it('does not ask first where the caller knows, and asks after a lost answer', async () => {
    const registries = new FakeRegistries();
    let isLost = false;
    registries.faults = {
      after: ({ method }) => {
        if (method !== 'finishUpload' || isLost) return;
        isLost = true;
        throw new RegistryError('REGISTRY_UNREACHABLE', 'lost', { retryable: true });
      },
    };

    const put = await putBlob(registries.client(), { repository, bytes }, { isMissing: true, retry });

    expect(put.status).toBe('written');
    expect(registries.calls.map(({ method }) => method)).toEqual(['startUpload', 'finishUpload', 'hasBlob']);
  });

  it('does not insist on what is refused for good', async () => {
    const registries = new FakeRegistries();
    registries.faults = {
      before: ({ method }) => {
        if (method === 'startUpload') throw new RegistryError('REGISTRY_FORBIDDEN', 'no');
      },
    };

    await expect(putBlob(registries.client(), { repository, bytes }, { retry })).rejects.toMatchObject({
      code: 'REGISTRY_FORBIDDEN',
    });
    expect(registries.count('startUpload')).toBe(1);
  });
});
