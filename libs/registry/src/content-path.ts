// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest, isRepositoryPath, isTag, type Repository } from '@promograph/oci';
import { RegistryError } from './registry-error.ts';

/** `/v2/<repository>`, checked: names reach a URL only in the grammar of the specification, which needs no encoding. */
export function repositoryPath(repository: Repository): string {
  if (!isRepositoryPath(repository.path)) {
    throw new RegistryError('REGISTRY_REFUSED', `not a repository: ${repository.host}/${repository.path}`);
  }
  return `/v2/${repository.path}`;
}

/** `/v2/<repository>/manifests/<tag or digest>`. */
export function manifestPath(repository: Repository, reference: string): string {
  if (!isTag(reference) && !isDigest(reference)) {
    throw new RegistryError('REGISTRY_REFUSED', `neither a tag nor a digest: ${reference}`);
  }
  return `${repositoryPath(repository)}/manifests/${reference}`;
}

/** `/v2/<repository>/blobs/<digest>`. */
export function blobPath(repository: Repository, digest: Digest): string {
  if (!isDigest(digest)) throw new RegistryError('REGISTRY_REFUSED', 'not a digest');
  return `${repositoryPath(repository)}/blobs/${digest}`;
}
