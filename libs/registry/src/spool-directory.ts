// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestHex } from '@promograph/oci';
import { SpoolFile } from './spool-file.ts';

/** The few calls of `node:fs/promises` that the spool needs. */
export interface SpoolFileSystem {
  mkdir(path: string, options: { readonly recursive: true }): Promise<string | undefined>;
  open(path: string, flags: string, mode: number): Promise<SpoolHandle>;
  readdir(path: string): Promise<string[]>;
  rm(path: string, options: { readonly force: true }): Promise<void>;
}

/** An open spool file. */
export type SpoolHandle = Pick<FileHandle, 'close'> & {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
};

/** Where and how much. */
export interface SpoolDirectoryOptions {
  readonly path: string;
  readonly capBytes: number;
  readonly fileSystem: SpoolFileSystem;
}

/** Files open at once: sockets need descriptors too, and many systems give 1024. */
const MAX_FILES = 256;

/** Only names of ours are ever swept. */
const SPOOL_NAME = /^[0-9a-f]{64,128}\.[0-9]+-[0-9]+\.spool$/;

/**
 * Files that slow destinations are fed from, named by the verified hex of their digest, capped together. Files that a killed run
 * left are removed at the start; one that another live process has open stays readable for it.
 */
export class SpoolDirectory {
  readonly #options: SpoolDirectoryOptions;
  readonly #files = new Set<SpoolFile>();
  readonly #swept: Promise<void>;
  #usedBytes = 0;
  #openFiles = 0;
  #nextNumber = 0;

  constructor(options: SpoolDirectoryOptions) {
    this.#options = options;
    this.#swept = this.#sweep();
  }

  /** Bytes on disk now. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** A new empty file for what follows byte `base` of a blob, or null when the disk does not give one. */
  async create(digest: Digest, base: number): Promise<SpoolFile | null> {
    const { path, fileSystem } = this.#options;
    await this.#swept;
    if (this.#openFiles >= MAX_FILES) return null;
    this.#openFiles += 1;
    const name = join(path, `${digestHex(digest)}.${process.pid}-${(this.#nextNumber += 1)}.spool`);
    const handle = await this.#open(name);
    if (handle === null) {
      this.#openFiles -= 1;
      return null;
    }
    const file = new SpoolFile({
      base,
      handle,
      reserve: (bytes) => this.#reserve(bytes),
      onClose: (bytes) => {
        this.#usedBytes -= bytes;
        this.#openFiles -= 1;
        this.#files.delete(file);
        return fileSystem.rm(name, { force: true });
      },
    });
    this.#files.add(file);
    return file;
  }

  /** Removes every file, in use or not. */
  async close(): Promise<void> {
    await this.#swept;
    await Promise.all([...this.#files].map((file) => file.discard()));
  }

  async #open(name: string): Promise<SpoolHandle | null> {
    const { path, fileSystem } = this.#options;
    try {
      await fileSystem.mkdir(path, { recursive: true });
      return await fileSystem.open(name, 'wx+', 0o600);
    } catch {
      // No room or no permission: the caller falls back to making the others wait.
      return null;
    }
  }

  #reserve(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.#options.capBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  async #sweep(): Promise<void> {
    const { path, fileSystem } = this.#options;
    const names = await fileSystem.readdir(path).catch((): string[] => []);
    const stale = names.filter((name) => SPOOL_NAME.test(name));
    await Promise.allSettled(stale.map((name) => fileSystem.rm(join(path, name), { force: true })));
  }
}
