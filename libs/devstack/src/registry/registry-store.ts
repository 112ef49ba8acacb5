// SPDX-License-Identifier: Apache-2.0
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Digest } from '@promograph/oci';
import { applyChange, type Change, emptyRepository, type RepositoryState } from './repository-state.ts';

/**
 * Content in files by digest, shared by all repositories, and the repositories' state in memory, written ahead to an
 * append-only journal: a registry that is killed and started again on its directory holds what it had acknowledged.
 */
export class RegistryStore {
  readonly #dir: string;
  readonly #journal: number;
  readonly #repositories = new Map<string, RepositoryState>();

  constructor(dir: string) {
    this.#dir = dir;
    for (const name of ['sha256', 'sha512', 'uploads']) mkdirSync(join(dir, name), { recursive: true });
    const journal = join(dir, 'journal.jsonl');
    if (existsSync(journal)) this.#replay(journal);
    this.#journal = openSync(journal, 'a');
  }

  get repositories(): ReadonlyMap<string, RepositoryState> {
    return this.#repositories;
  }

  repository(name: string): RepositoryState | undefined {
    return this.#repositories.get(name);
  }

  /** Records and carries out a change; a repository comes into being with its first one. */
  commit(change: Change): void {
    writeSync(this.#journal, `${JSON.stringify(change)}\n`);
    this.#apply(change);
  }

  /** The file of a digest's content, whether it exists or not. */
  contentFile(digest: Digest): string {
    return join(this.#dir, ...digest.split(':'));
  }

  uploadFile(id: string): string {
    return join(this.#dir, 'uploads', id);
  }

  /** Moves a finished upload to its place. */
  async adopt(file: string, digest: Digest): Promise<void> {
    await rename(file, this.contentFile(digest));
  }

  async write(digest: Digest, bytes: Uint8Array): Promise<void> {
    const file = this.uploadFile(randomUUID());
    await writeFile(file, bytes);
    await this.adopt(file, digest);
  }

  read(digest: Digest): Promise<Buffer> {
    return readFile(this.contentFile(digest));
  }

  close(): void {
    closeSync(this.#journal);
  }

  #apply(change: Change): void {
    const state = this.#repositories.get(change.repository) ?? emptyRepository();
    this.#repositories.set(change.repository, state);
    applyChange(state, change);
  }

  #replay(journal: string): void {
    const bytes = readFileSync(journal);
    const end = bytes.lastIndexOf(0x0a) + 1;
    for (const line of bytes.toString('utf8', 0, end).split('\n')) {
      if (line !== '') this.#apply(JSON.parse(line) as Change);
    }
    // A kill in the middle of an append leaves half a line: it was never acknowledged.
    if (end < bytes.length) truncateSync(journal, end);
  }
}
