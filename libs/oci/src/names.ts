// SPDX-License-Identifier: Apache-2.0
import { OciError } from './oci-error.ts';

/** A tag: a word character, then up to 127 of `[A-Za-z0-9_.-]` (distribution-spec, "Pulling manifests"). */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:.]+\\])(?::[0-9]{1,5})?$`);
const MAX_REPOSITORY_LENGTH = 255;

/** Whether `text` is a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Whether `text` is a repository path inside a registry: no host, no tag, at most 255 characters. */
export function isRepositoryPath(text: string): boolean {
  return text.length <= MAX_REPOSITORY_LENGTH && PATH.test(text);
}

/** Whether `text` is a registry host: a name or address, with an optional port. */
export function isRegistryHost(text: string): boolean {
  return HOST.test(text);
}

/** A repository: the registry's host (with port) and the path inside it. Printed `host/path`. */
export interface Repository {
  readonly host: string;
  readonly path: string;
}

/**
 * Splits `host/path`. The first component is always the host, as in promotion manifests; there is no default registry.
 * Errors: `OCI_INVALID_REPOSITORY`, `OCI_INVALID_HOST`.
 */
export function parseRepository(text: string): Repository {
  const slash = text.indexOf('/');
  if (slash < 0) {
    throw new OciError('OCI_INVALID_REPOSITORY', `invalid repository: ${text}`, { hint: 'Write it as host/path.' });
  }
  const host = text.slice(0, slash);
  const path = text.slice(slash + 1);
  if (!isRegistryHost(host)) throw new OciError('OCI_INVALID_HOST', `invalid registry host: ${host}`);
  if (!isRepositoryPath(path)) {
    throw new OciError('OCI_INVALID_REPOSITORY', `invalid repository: ${text}`, {
      hint: 'Repository paths are lower-case letters, digits and single separators, at most 255 characters.',
    });
  }
  return { host, path };
}

/** `host/path`. */
export function printRepository(repository: Repository): string {
  return `${repository.host}/${repository.path}`;
}

/** Whether `host` (with or without port) names this machine: the only hosts where plain HTTP needs no configuration. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:[0-9]+$/, '').toLowerCase();
  return (
    name === 'localhost' || name === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(name) || name.endsWith('.localhost')
  );
}

/** Whether a repository, or registry prefix, `host/path` is `prefix` itself or in a path below it: `a/bc` is not below `a/b`. */
export function isAtOrBelow(name: string, prefix: string): boolean {
  return name === prefix || name.startsWith(`${prefix}/`);
}
