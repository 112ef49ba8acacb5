// SPDX-License-Identifier: Apache-2.0
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type CopySetup, at, copySetup } from '../test/support/copy-setup.ts';
import { firstLayer, putImage } from '../test/support/fake-images.ts';
import type { CopyEvent } from './copy-event.ts';
import type { CopyEngineOptions } from './copy-options.ts';
import type { DestinationCopy } from './copy-engine.ts';
import { RegistryError } from './registry-error.ts';
import type { SpoolFileSystem } from './spool-directory.ts';

const source = at('source.example', 'app');
const fast = at('fast.example', 'app');
const slow = at('slow.example', 'app');
const slower = at('slower.example', 'app');

/** Larger than all that streams hold by themselves, so that a stalled destination makes itself felt. */
const LAYER_BYTES = 1_500_000;
const patienceMs = 40;
const small: Partial<CopyEngineOptions> = {
  windowBytes: 64 * 1024,
  laggardPolicy: { blockedMs: patienceMs, share: 0.25 },
};

interface StalledSetup extends CopySetup {
  /** Lets the slow hosts go on. */
  readonly release: () => void;
  readonly demoted: () => string[];
  copy(
    destinations?: readonly (typeof slow)[],
    onDestination?: (copy: DestinationCopy) => void,
  ): Promise<readonly DestinationCopy[]>;
}

type StalledOptions = Partial<CopyEngineOptions> & { readonly layerBytes?: number };

/** An image with one large layer, and slow hosts that stop reading it until they are released. */
function stalledSetup({ layerBytes = LAYER_BYTES, ...options }: StalledOptions = {}): StalledSetup {
  const seen: CopyEvent[] = [];
  const gate = Promise.withResolvers<void>();
  const setup = copySetup({
    ...small,
    ...options,
    onEvent: (event) => {
      seen.push(event);
      if (event.type === 'spool-full') gate.resolve();
    },
  });
  const image = putImage(setup.registries, source, { large: layerBytes });
  setup.registries.faults.onReceived = ({ host, reference }, received) =>
    host !== fast.host && reference === firstLayer(image).digest && received > 2000 ? gate.promise : undefined;
  return {
    ...setup,
    release: gate.resolve,
    demoted: () => seen.flatMap((event) => (event.type === 'demoted' ? [event.destination.host] : [])),
    copy: (destinations = [slow, fast], onDestination = () => undefined) =>
      setup.engine.copy({ source, digest: image.digest, destinations, onDestination }),
  };
}

function expectWhole({ registries }: CopySetup, destinations: readonly (typeof slow)[]): void {
  for (const destination of destinations) expect(registries.differences(source, destination)).toEqual([]);
}

describe('a slow destination', () => {
  it('does not hold back a fast one, and costs no second read', async () => {
    const setup = stalledSetup();
    const files: string[][] = [];

    const copies = await setup.copy([slow, fast], ({ destination }) => {
      files.push(setup.spoolFiles());
      if (destination.host === fast.host) setup.release();
    });

    expect(copies.map(({ status }) => status)).toEqual(['copied', 'copied']);
    expectWhole(setup, [slow, fast]);
    expect(setup.registries.count('openBlob')).toBe(2);
    expect(setup.demoted()).toEqual([slow.host]);
    expect(files[0]).toHaveLength(1);
    await expect.poll(setup.spoolFiles).toEqual([]);
  });

  it('shares its file with another slow one', async () => {
    const setup = stalledSetup();
    let mostFiles = 0;

    const copies = await setup.copy([slow, slower, fast], ({ destination }) => {
      mostFiles = Math.max(mostFiles, setup.spoolFiles().length);
      if (destination.host === fast.host) setup.release();
    });

    expect(copies.map(({ status }) => status)).toEqual(['copied', 'copied', 'copied']);
    expectWhole(setup, [slow, slower, fast]);
    expect(setup.demoted().sort()).toEqual([slow.host, slower.host]);
    expect(mostFiles).toBe(1);
  });

  it.each([
    ['the cap is zero', 0],
    ['the cap is reached while the file is begun', 100_000],
    ['the cap is reached on the way', 700_000],
  ])('makes the others wait, and nothing worse, when %s', async (_, spoolCapBytes) => {
    const setup = stalledSetup({ spoolCapBytes });

    const copies = await setup.copy();

    expect(copies.map(({ status }) => status)).toEqual(['copied', 'copied']);
    expectWhole(setup, [slow, fast]);
    expect(setup.registries.count('openBlob')).toBe(2);
  });

  it('makes the others wait, and nothing worse, when the disk is full on the way', async () => {
    let room = 300_000;
    const fileSystem: SpoolFileSystem = {
      mkdir,
      readdir,
      rm,
      open: async (path, flags, mode) => {
        const handle = await open(path, flags, mode);
        return {
          close: () => handle.close(),
          read: (buffer, offset, length, position) => handle.read(buffer, offset, length, position),
          write: (buffer, offset, length, position) => {
            room -= length;
            if (room < 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
            return handle.write(buffer, offset, length, position);
          },
        };
      },
    };
    const setup = stalledSetup({ fileSystem });

    await setup.copy();

    expectWhole(setup, [slow, fast]);
    expect(room).toBeLessThan(0);
  });

  it('that dies behind the others harms nobody and leaves no file', async () => {
    const setup = stalledSetup();
    const { faults } = setup.registries;
    const { onReceived } = faults;
    faults.onReceived = async (call, received) => {
      await onReceived?.(call, received);
      if (call.host === slow.host && received > LAYER_BYTES / 2) throw new RegistryError('REGISTRY_QUOTA', 'full');
    };

    const copies = await setup.copy([slow, fast], () => setup.release());

    expect(copies.map(({ status }) => status)).toEqual(['failed', 'copied']);
    expect(setup.demoted()).toEqual([slow.host]);
    await expect.poll(setup.spoolFiles).toEqual([]);
  });

  it('is not demoted while it is alone: there is nobody to hold back', async () => {
    const setup = stalledSetup();
    const copying = setup.copy([slow]);
    await new Promise((resolve) => setTimeout(resolve, 3 * patienceMs));
    setup.release();

    await copying;

    expect(setup.demoted()).toEqual([]);
    expectWhole(setup, [slow]);
  });

  it('leaves nothing behind when the engine is closed', async () => {
    const setup = stalledSetup();
    const isFastDone = Promise.withResolvers<void>();
    const copying = setup.copy([slow, fast], () => isFastDone.resolve());
    await isFastDone.promise;

    await setup.engine.close();

    const copies = await copying;
    expect(copies.map(({ status }) => status)).toEqual(['failed', 'copied']);
    expect(setup.spoolFiles()).toEqual([]);
  });

  it.each([
    ['by moving to disk what waits in memory', LAYER_BYTES],
    ['when nothing waits in memory any more', 200_000],
  ])('gives its memory back to a read that waits for it, %s', async (_, layerBytes) => {
    // Room for one window only: the second image cannot start before the first gives way.
    const setup = stalledSetup({ windowBytes: layerBytes, bodyBudgetBytes: layerBytes, layerBytes });
    const slowCopy = setup.copy([slow]);
    await expect.poll(() => setup.registries.count('finishUpload', { host: slow.host })).toBe(2);
    const other = putImage(setup.registries, source, { other: layerBytes - 64 * 1024 });

    const copies = await setup.engine.copy({ source, digest: other.digest, destinations: [fast] });

    expect(copies[0]?.status).toBe('copied');
    setup.release();
    expect(await slowCopy).toMatchObject([{ status: 'copied' }]);
  });

  it.each<[string, Partial<CopyEngineOptions>]>([
    ['memory', { bodyBudgetBytes: 64 * 1024 }],
    ['turns', { blobConcurrency: 1 }],
  ])('makes the next read wait when there are no more %s', async (_, options) => {
    const setup = stalledSetup({ laggardPolicy: { blockedMs: 100_000, share: 0 }, ...options });
    const slowCopy = setup.copy([slow]);
    await expect.poll(() => setup.registries.count('finishUpload', { host: slow.host })).toBe(2);
    const other = putImage(setup.registries, source, { other: LAYER_BYTES });
    const copying = setup.engine.copy({ source, digest: other.digest, destinations: [slow] });
    await new Promise((resolve) => setTimeout(resolve, 3 * patienceMs));
    expect(setup.registries.count('openBlob', { reference: firstLayer(other).digest })).toBe(0);

    setup.release();

    expect([await slowCopy, await copying]).toMatchObject([[{ status: 'copied' }], [{ status: 'copied' }]]);
  });
});
