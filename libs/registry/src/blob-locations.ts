// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '@promograph/oci';

/** Blobs remembered at once: some 100 MB at the very most, and forgetting only costs requests. */
const MAX_BLOBS = 50_000;

/** What this run knows of where blobs are, by its own writes and reads, and of which hosts mount. */
export class BlobLocations {
  readonly #paths = new Map<string, Set<string>>();
  readonly #mounts = new Map<string, { mounted: number; refused: number }>();

  has(repository: Repository, digest: Digest): boolean {
    return this.#paths.get(`${repository.host} ${digest}`)?.has(repository.path) ?? false;
  }

  add(repository: Repository, digest: Digest): void {
    const key = `${repository.host} ${digest}`;
    const paths = this.#paths.get(key);
    if (paths) paths.add(repository.path);
    else this.#paths.set(key, new Set([repository.path]));
    const [oldest] = this.#paths.keys();
    if (this.#paths.size > MAX_BLOBS && oldest !== undefined) this.#paths.delete(oldest);
  }

  /** For a registry that contradicts: somebody removed the blob. */
  forget(repository: Repository, digest: Digest): void {
    this.#paths.get(`${repository.host} ${digest}`)?.delete(repository.path);
  }

  /**
   * Path of another repository of the same host to mount from, or null. Only the declared source, and repositories where this run
   * itself wrote or saw the blob: a mount is never used to ask for what nobody was given.
   */
  mountSource(repository: Repository, digest: Digest, source: Repository): string | null {
    if (source.host === repository.host && source.path !== repository.path) return source.path;
    for (const path of this.#paths.get(`${repository.host} ${digest}`) ?? []) {
      if (path !== repository.path) return path;
    }
    return null;
  }

  noteMount(host: string, isMounted: boolean): void {
    const counts = this.#mounts.get(host) ?? { mounted: 0, refused: 0 };
    counts[isMounted ? 'mounted' : 'refused'] += 1;
    this.#mounts.set(host, counts);
  }

  /** False where every try so far was refused: waiting for a mount there would be in vain. */
  isMounting(host: string): boolean {
    const counts = this.#mounts.get(host);
    return counts === undefined || counts.mounted > 0 || counts.refused === 0;
  }

  /** True where every try so far was granted: what one repository has, the others need no bytes for. */
  alwaysMounts(host: string): boolean {
    const counts = this.#mounts.get(host);
    return counts !== undefined && counts.mounted > 0 && counts.refused === 0;
  }
}
