// SPDX-License-Identifier: Apache-2.0
import { isAtOrBelow, isRepositoryPath } from '@promograph/oci';
import { type RegistryClient, RegistryError, type RepositoryContents } from '@promograph/registry';
import pLimit from 'p-limit';
import { PromoterError } from './promoter-error.ts';

/** Most repositories that are listed at a time; the client has its own bound per host. */
const LISTS = 16;
/** Most repositories of one snapshot: far above the largest registry known, and a bound on a host that never ends. */
const MAX_REPOSITORIES = 200_000;

/** A registry host and the path below which repositories are wanted; an empty path is the whole host. */
export interface RegistryPrefix {
  readonly host: string;
  readonly path: string;
}

/** Answers that mean that a host keeps its catalogue to itself. */
const CATALOG_DENIED: readonly string[] = ['REGISTRY_FORBIDDEN', 'REGISTRY_NOT_FOUND', 'REGISTRY_REFUSED'];

/** Every repository at and below a prefix, with what it holds, by path. Error: `PROMOTER_NO_CATALOG`. */
export async function readRepositories(
  client: RegistryClient,
  prefix: RegistryPrefix,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, RepositoryContents>> {
  const walk = new Walk(client, prefix, signal);
  const own = prefix.path === '' ? null : await walk.visit(prefix.path);
  // Children show a Google-style host, where the walk has found everything; other hosts tell names in the catalogue only.
  if (own === null || own.children.length === 0) await walk.visitCatalog(own !== null);
  return walk.found;
}

class Walk {
  readonly found = new Map<string, RepositoryContents>();
  readonly #seen = new Set<string>();
  readonly #limit = pLimit(LISTS);
  readonly #client: RegistryClient;
  readonly #prefix: RegistryPrefix;
  readonly #options: { readonly signal?: AbortSignal };

  constructor(client: RegistryClient, prefix: RegistryPrefix, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#prefix = prefix;
    this.#options = signal === undefined ? {} : { signal };
  }

  /** Lists a repository and everything below it; null when it does not exist. */
  async visit(path: string): Promise<RepositoryContents | null> {
    if (this.#seen.has(path)) return this.found.get(path) ?? null;
    this.#seen.add(path);
    if (this.#seen.size > MAX_REPOSITORIES) {
      throw new PromoterError(
        'PROMOTER_NO_CATALOG',
        `${this.#prefix.host} lists more than ${MAX_REPOSITORIES} repositories`,
      );
    }
    const repository = { host: this.#prefix.host, path };
    const contents = await this.#limit(() => this.#client.listRepository(repository, this.#options));
    if (contents === null) return null;
    this.found.set(path, contents);
    // Names come from outside: only what is a repository path is asked for.
    const children = contents.children.map((child) => `${path}/${child}`).filter(isRepositoryPath);
    await Promise.all(children.map((child) => this.visit(child)));
    return contents;
  }

  /** Lists the repositories of the catalogue below the prefix. Where one repository was found, having none is no error. */
  async visitCatalog(isOptional: boolean): Promise<void> {
    const names = await this.#catalog(isOptional);
    if (names === null) return;
    const { path } = this.#prefix;
    const below = names.filter((name) => path === '' || isAtOrBelow(name, path));
    await Promise.all(below.filter(isRepositoryPath).map((name) => this.visit(name)));
  }

  /** Null where there is none and that is no error. Credentials that were good for a repository are not to blame. */
  async #catalog(isOptional: boolean): Promise<readonly string[] | null> {
    try {
      const names = await this.#client.listCatalog(this.#prefix.host, this.#options);
      if (names === null && !isOptional) throw this.#noCatalog();
      return names;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (isOptional && (error.code === 'REGISTRY_UNAUTHORIZED' || CATALOG_DENIED.includes(error.code))) return null;
      throw CATALOG_DENIED.includes(error.code) ? this.#noCatalog(error) : error;
    }
  }

  #noCatalog(cause?: unknown): PromoterError {
    const { host, path } = this.#prefix;
    const what = path === '' ? host : `${host} has no repository ${path}, and`;
    return new PromoterError('PROMOTER_NO_CATALOG', `${what} does not list its repositories`, {
      cause,
      hint: 'Name one repository, or list what the manifests name with `snapshot --destination` and a tree.',
    });
  }
}
