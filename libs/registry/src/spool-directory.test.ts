// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import fileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestHex, digestOf } from '@promograph/oci';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SpoolDirectory } from './spool-directory.ts';
import type { SpoolFile, SpoolReader } from './spool-file.ts';

const digest = digestOf('blob');

interface DirectorySetup {
  readonly path: string;
  readonly open: (capBytes?: number) => SpoolDirectory;
  readonly listed: () => string[];
}

function directorySetup(): DirectorySetup {
  const path = mkdtempSync(join(tmpdir(), 'promograph-spool-'));
  const opened: SpoolDirectory[] = [];
  onTestFinished(async () => {
    await Promise.all(opened.map((directory) => directory.close()));
    rmSync(path, { recursive: true, force: true });
  });
  return {
    path,
    open: (capBytes = 1000) => {
      const directory = new SpoolDirectory({ path, capBytes, fileSystem });
      opened.push(directory);
      return directory;
    },
    listed: () => readdirSync(path),
  };
}

async function created(directory: SpoolDirectory, base = 0): Promise<SpoolFile> {
  const file = await directory.create(digest, base);
  if (file === null) throw new Error('no file');
  return file;
}

async function readAll(reader: SpoolReader): Promise<string> {
  let text = '';
  for (let piece = await reader.next(); piece !== null; piece = await reader.next()) text += piece.toString();
  return text;
}

describe('SpoolDirectory', () => {
  it('names its files by the hex of the digest', async () => {
    const { listed, open } = directorySetup();

    await created(open());

    expect(listed()).toHaveLength(1);
    expect(listed()[0]).toMatch(new RegExp(`^${digestHex(digest)}\\.`));
  });

  it('sweeps what a killed run left, and nothing that is not its own', async () => {
    const { listed, open, path } = directorySetup();
    await created(open());
    writeFileSync(join(path, 'notes.txt'), 'mine');
    writeFileSync(join(path, 'ABC.1-1.spool'), 'mine');

    await open().close();

    expect(listed().sort()).toEqual(['ABC.1-1.spool', 'notes.txt']);
  });

  it('gives readers what they ask for, while the file grows, from any place behind its base', async () => {
    const { listed, open } = directorySetup();
    const file = await created(open(), 100);
    await file.append(Buffer.from('abc'));
    const early = readAll(file.reader(100));
    const late = readAll(file.reader(102));
    await file.append(Buffer.from('def'));
    file.seal();

    expect(await Promise.all([early, late])).toEqual(['abcdef', 'cdef']);
    expect(listed()).toHaveLength(1);
  });

  it('removes a file with its last reader, and counts its bytes no more', async () => {
    const { listed, open } = directorySetup();
    const directory = open();
    const file = await created(directory);
    await file.append(Buffer.from('abc'));
    const [one, other] = [file.reader(0), file.reader(0)];
    file.seal();
    one.release();
    one.release();
    expect(directory.usedBytes).toBe(3);

    other.release();

    await expect.poll(listed).toEqual([]);
    expect(directory.usedBytes).toBe(0);
  });

  it('takes no more than its cap over all files, and what was refused is not in the file', async () => {
    const { open } = directorySetup();
    const directory = open(10);
    const [one, other] = [await created(directory), await created(directory)];
    expect(await one.append(Buffer.alloc(6, 'a'))).toBe(true);
    expect(await other.append(Buffer.alloc(5, 'b'))).toBe(false);
    expect(await other.append(Buffer.alloc(4, 'c'))).toBe(true);

    const reader = other.reader(0);
    other.seal();

    expect(await readAll(reader)).toBe('cccc');
  });

  it('gives no file where the directory cannot be made', async () => {
    const { path } = directorySetup();
    writeFileSync(join(path, 'file'), '');
    const directory = new SpoolDirectory({ path: join(path, 'file', 'below'), capBytes: 10, fileSystem });

    expect(await directory.create(digest, 0)).toBeNull();
  });

  it('leaves descriptors for sockets', async () => {
    const { open } = directorySetup();
    const directory = open();
    const files = await Promise.all(Array.from({ length: 300 }, () => directory.create(digest, 0)));

    expect(files.filter((file) => file !== null).length).toBeLessThanOrEqual(256);
  });
});
