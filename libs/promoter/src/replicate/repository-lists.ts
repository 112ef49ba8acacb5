// SPDX-License-Identifier: Apache-2.0
import { isPromographError } from '@promograph/errors';
import { type Digest, isDigest, parseRepository } from '@promograph/oci';
import { type RegistryClient, RegistryError, type TagInventory } from '@promograph/registry';

/** Hosts that did not answer once are not asked again in the same run. */
const HOST_WIDE_FAILURES: readonly string[] = ['REGISTRY_UNREACHABLE', 'REGISTRY_TIMEOUT', 'REGISTRY_CREDENTIALS'];

const EVIDENCE_TAG = /^(sha256)-([0-9a-f]{64})(?:\.(?:sig|att))?$/;
const EMPTY: TagInventory = { tags: new Map(), digests: new Set(), uploadedMs: null, isComplete: true };

/** Whether a tag is one of cosign's: `sha256-<hex>.sig` or `.att`. */
export function isSignatureTag(tag: string): boolean {
  return EVIDENCE_TAG.test(tag) && tag.includes('.');
}

/** Whether a tag is that of an index of referrers: `sha256-<hex>`. */
export function isFallbackTag(tag: string): boolean {
  return EVIDENCE_TAG.test(tag) && !tag.includes('.');
}

/** The digest that a tag of cosign's, or a fallback tag of referrers, is about; else null. */
export function subjectOfTag(tag: string): Digest | null {
  const [, algorithm, hex] = EVIDENCE_TAG.exec(tag) ?? [];
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) ? digest : null;
}

/** Lists repositories, each with one walk of its pages; a host that is down costs one failure, not one for each. */
export class RepositoryLists {
  readonly #client: RegistryClient;
  readonly #signal: AbortSignal | undefined;
  readonly #failedHosts = new Map<string, unknown>();

  /** Repositories asked for so far. */
  requests = 0;

  constructor(client: RegistryClient, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#signal = signal;
  }

  /** What the repository holds; one that does not exist holds nothing. */
  async read(name: string): Promise<TagInventory> {
    const repository = parseRepository(name);
    if (this.#failedHosts.has(repository.host)) throw this.#failedHosts.get(repository.host);
    this.requests += 1;
    try {
      return (await this.#client.listTagDigests(repository, this.calling())) ?? EMPTY;
    } catch (error) {
      const isHostWide = isPromographError(error) && HOST_WIDE_FAILURES.includes(error.code);
      if (isHostWide && error instanceof RegistryError) this.#failedHosts.set(repository.host, error);
      throw error;
    }
  }

  /** What `tag` points to, or null: by the listing where it is whole, else by a question of its own. */
  async find(name: string, tag: string, listed: TagInventory): Promise<{ readonly digest: Digest | null } | null> {
    const digest = listed.tags.get(tag);
    if (digest !== undefined) return { digest };
    if (listed.isComplete) return null;
    return this.#client.headManifest(parseRepository(name), tag, this.calling());
  }

  calling(): { readonly signal?: AbortSignal } {
    return this.#signal === undefined ? {} : { signal: this.#signal };
  }
}
