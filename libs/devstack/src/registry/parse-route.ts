// SPDX-License-Identifier: Apache-2.0
import { isRepositoryPath } from '@promograph/oci';

/** What a request is about. `reference` is a tag or digest as sent, unchecked; of an upload the session, or '' to start one. */
export interface Route {
  readonly kind: 'ping' | 'token' | 'catalog' | 'blob' | 'upload' | 'manifest' | 'tags' | 'referrers' | 'unknown';
  /** '' where the path names none. */
  readonly repository: string;
  readonly reference: string;
}

const PARTS = /^\/v2\/(.+?)\/(?:(manifests|blobs|referrers)\/([^/]+)|blobs\/uploads\/([^/]*)|(tags)\/list)$/;
const KINDS = { manifests: 'manifest', blobs: 'blob', referrers: 'referrers' } as const;

/** Reads a decoded path. A path or repository name outside the specification's grammar is `unknown`. */
export function parseRoute(path: string): Route {
  if (path === '/v2/' || path === '/v2') return route('ping');
  if (path === '/token') return route('token');
  if (path === '/v2/_catalog') return route('catalog');
  const parts = PARTS.exec(path.endsWith('/blobs/uploads') ? `${path}/` : path);
  const repository = parts?.[1] ?? '';
  if (!parts || !isRepositoryPath(repository)) return route('unknown');
  const [, , kind, reference = '', session] = parts;
  if (session !== undefined) return { kind: 'upload', repository, reference: session };
  if (parts[5] !== undefined) return { kind: 'tags', repository, reference: '' };
  return { kind: KINDS[kind as keyof typeof KINDS], repository, reference };
}

function route(kind: Route['kind']): Route {
  return { kind, repository: '', reference: '' };
}
