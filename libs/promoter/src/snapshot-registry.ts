// SPDX-License-Identifier: Apache-2.0
import { isIndexType, isRegistryHost, isRepositoryPath, OciError, type Digest, type Repository } from '@promograph/oci';
import type { RegistryClient, RepositoryContents } from '@promograph/registry';
import { filterByTag, minimalSnapshot, sortSnapshot, type SnapshotModel } from '@promograph/report';
import pLimit from 'p-limit';
import { readRepositories, type RegistryPrefix } from './registry-walk.ts';

/** Most manifests of indexes that are read at a time; the client has its own bound per host. */
const INDEX_READS = 16;

/** What of a registry is listed. */
export interface SnapshotRequest {
  /** `host` or `host/prefix`. */
  readonly registry: string;
  /** Only digests that have this tag, with all of their tags. */
  readonly tag?: string;
  /** Leave out digests without a tag that are a child of an index. */
  readonly isMinimal?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * What a registry holds at and below `host/prefix`, read recursively: through the listing of Google-style hosts, through
 * `_catalog` elsewhere. Errors: `PROMOTER_NO_CATALOG` where the host does not tell its repositories; `OCI_*` for a name
 * that is none; those of the registry.
 */
export async function snapshotRegistry(client: RegistryClient, request: SnapshotRequest): Promise<SnapshotModel> {
  const prefix = parsePrefix(request.registry);
  const repositories = await readRepositories(client, prefix, request.signal);
  const images = [...repositories].map(([path, contents]) => ({
    name: nameBelow(prefix, path),
    digests: digestsOf(contents),
  }));
  let model = sortSnapshot({ images: images.filter(({ digests }) => digests.length > 0) });
  if (request.isMinimal === true) {
    model = minimalSnapshot(model, await readChildren(client, { prefix, repositories, signal: request.signal }));
  }
  return request.tag === undefined ? model : filterByTag(model, request.tag);
}

/** `host` or `host/prefix`, with or without a slash at the end. */
function parsePrefix(text: string): RegistryPrefix {
  const trimmed = text.replace(/\/+$/, '');
  const slash = trimmed.indexOf('/');
  const host = slash < 0 ? trimmed : trimmed.slice(0, slash);
  const path = slash < 0 ? '' : trimmed.slice(slash + 1);
  if (!isRegistryHost(host)) {
    throw new OciError('OCI_INVALID_HOST', `invalid registry: ${text}`, {
      hint: 'Write it as host or host/prefix, without https://.',
    });
  }
  if (path !== '' && !isRepositoryPath(path)) {
    throw new OciError('OCI_INVALID_REPOSITORY', `invalid registry: ${text}`, {
      hint: 'Write it as host or host/prefix.',
    });
  }
  return { host, path };
}

/** Relative to the prefix; the repository that is the prefix itself goes by its last component. */
function nameBelow(prefix: RegistryPrefix, path: string): string {
  if (prefix.path === '') return path;
  return path === prefix.path ? path.slice(path.lastIndexOf('/') + 1) : path.slice(prefix.path.length + 1);
}

function digestsOf(contents: RepositoryContents): { digest: Digest; tags: string[] }[] {
  const tagsOf = new Map<Digest, string[]>([...contents.digests.keys()].map((digest) => [digest, []]));
  for (const [tag, digest] of contents.tags) tagsOf.set(digest, [...(tagsOf.get(digest) ?? []), tag]);
  return [...tagsOf].map(([digest, tags]) => ({ digest, tags }));
}

interface ChildrenRequest {
  readonly prefix: RegistryPrefix;
  readonly repositories: ReadonlyMap<string, RepositoryContents>;
  readonly signal: AbortSignal | undefined;
}

/** Digests that indexes name, by image name; only repositories that hold something untagged are looked into. */
async function readChildren(
  client: RegistryClient,
  { prefix, repositories, signal }: ChildrenRequest,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const limit = pLimit(INDEX_READS);
  const children = new Map<string, Set<string>>();
  const reads: Promise<void>[] = [];
  for (const [path, contents] of repositories) {
    const tagged = new Set(contents.tags.values());
    if ([...contents.digests.keys()].every((digest) => tagged.has(digest))) continue;
    const repository: Repository = { host: prefix.host, path };
    const found = new Set<string>();
    children.set(nameBelow(prefix, path), found);
    for (const [digest, mediaType] of contents.digests) {
      if (mediaType !== '' && !isIndexType(mediaType)) continue;
      reads.push(
        limit(async () => {
          const document = await client.getManifest(repository, digest, signal && { signal });
          for (const child of document?.children ?? []) found.add(child.digest);
        }),
      );
    }
  }
  await Promise.all(reads);
  return children;
}
