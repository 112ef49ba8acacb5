// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import fileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Descriptor, digestOf } from '@promograph/oci';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FanOut } from './fan-out.ts';
import { FanOutBranch } from './fan-out-branch.ts';
import { LaggardHosts } from './fan-out-laggards.ts';
import { SpoolDirectory } from './spool-directory.ts';

const KIBIBYTE = 1024;
const digest = digestOf('blob');

function branchOf(host: string, windowBytes = 64 * KIBIBYTE): FanOutBranch {
  return new FanOutBranch({ destination: { host, path: 'app' }, windowBytes, clock: () => performance.now() });
}

function spoolDirectory(): SpoolDirectory {
  const path = mkdtempSync(join(tmpdir(), 'promograph-branch-'));
  const directory = new SpoolDirectory({ path, capBytes: 10 ** 9, fileSystem });
  onTestFinished(async () => {
    await directory.close();
    rmSync(path, { recursive: true, force: true });
  });
  return directory;
}

/** Pieces that can be told apart. */
function pieces(count: number, bytes: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.alloc(bytes, `${index}.`));
}

async function readAll(branch: FanOutBranch): Promise<Buffer> {
  const read: Buffer[] = [];
  for await (const piece of branch as AsyncIterable<Buffer>) read.push(piece);
  return Buffer.concat(read);
}

describe('FanOutBranch', () => {
  it('keeps what it has of the time before a file that begins later, and takes the rest from it', async () => {
    const all = pieces(10, 1000);
    const branch = branchOf('slow');
    for (const piece of all.slice(0, 6)) branch.feed(piece);
    // Begun by another branch that was ahead: it holds the pieces from the fifth on.
    const spool = await spoolDirectory().create(digest, 4000);
    for (const piece of all.slice(4, 6)) await spool?.append(piece);
    if (spool) branch.demote(spool);
    expect(branch.queuedBytes).toBe(4000);
    for (const piece of all.slice(6)) await spool?.append(piece);
    spool?.seal();
    branch.finish();

    expect((await readAll(branch)).equals(Buffer.concat(all))).toBe(true);
  });

  it('gives first the file, then what came when the file took no more', async () => {
    const all = pieces(6, 1000);
    const branch = branchOf('slow');
    for (const piece of all.slice(0, 2)) branch.feed(piece);
    const spool = await spoolDirectory().create(digest, 0);
    for (const piece of all.slice(0, 4)) await spool?.append(piece);
    if (spool) branch.demote(spool);
    spool?.seal();
    for (const piece of all.slice(4)) branch.feed(piece);
    branch.finish();

    expect((await readAll(branch)).equals(Buffer.concat(all))).toBe(true);
  });

  it('says that it starves only while it wants more than there is', async () => {
    const branch = branchOf('fast');
    expect(branch.starvedSince).toBeNull();
    const reading = readAll(branch);
    await new Promise((resolve) => setImmediate(resolve));

    expect(branch.starvedSince).not.toBeNull();

    branch.finish();
    await reading;
  });

  it('is full at its window and tells when half of it has drained', async () => {
    const branch = branchOf('slow', 400 * KIBIBYTE);
    let told = 0;
    branch.onRoom = () => (told += 1);
    for (const piece of pieces(40, 10 * KIBIBYTE)) branch.feed(piece);
    expect(branch.isFull).toBe(true);

    branch.read(0);

    expect([branch.isFull, told]).toEqual([false, 1]);
  });

  it('lets go of everything when it is destroyed', () => {
    const branch = branchOf('slow');
    branch.feed(Buffer.alloc(64 * KIBIBYTE));

    branch.destroy();
    branch.feed(Buffer.alloc(64 * KIBIBYTE));

    expect([branch.queuedBytes, branch.isFull]).toEqual([0, false]);
  });
});

describe('FanOut', () => {
  it('gives no further patience to a host that is fed from disk already', async () => {
    const laggardHosts = new LaggardHosts();
    laggardHosts.enter('slow');
    const [slow, fast] = [branchOf('slow'), branchOf('fast')];
    const all = pieces(100, 10 * KIBIBYTE);
    const blob: Descriptor = {
      digest,
      mediaType: 'application/octet-stream',
      sizeBytes: 1_024_000,
      artifactType: null,
      platform: null,
      annotations: {},
      isForeign: false,
    };
    const demoted: string[] = [];
    const fanOut = new FanOut({
      kept: null,
      blob,
      branches: [slow, fast],
      settings: {
        clock: () => performance.now(),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        laggardPolicy: { blockedMs: 10 ** 9, share: 0 },
        onEvent: (event) => event.type === 'demoted' && demoted.push(event.destination.host),
      },
      spools: spoolDirectory(),
      laggardHosts,
      onDemoted: () => undefined,
    });
    const fastBytes = readAll(fast);

    await fanOut.run(
      (async function* () {
        yield* all;
      })(),
    );

    expect((await fastBytes).equals(Buffer.concat(all))).toBe(true);
    expect(demoted).toEqual(['slow']);
    expect((await readAll(slow)).equals(Buffer.concat(all))).toBe(true);
  });
});
