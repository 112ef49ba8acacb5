// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest, isTag } from '@promograph/oci';
import type { Exchange } from './exchange.ts';
import { ProtocolFailure } from './protocol-failure.ts';
import { putManifest } from './put-manifest.ts';
import type { RegistryContext } from './registry-context.ts';
import { reply } from './reply.ts';
import type { RepositoryState } from './repository-state.ts';

/** `/v2/<name>/manifests/<tag or digest>`. */
export async function manifestRoute(context: RegistryContext, exchange: Exchange): Promise<void> {
  const { method, route } = exchange;
  const { repository, reference } = route;
  if (!isDigest(reference) && !isTag(reference)) {
    throw new ProtocolFailure(400, reference.includes(':') ? 'DIGEST_INVALID' : 'TAG_INVALID');
  }
  if (method === 'PUT') return putManifest(context, exchange);
  const { store } = context;
  const state = store.repository(repository);
  if (!state) throw new ProtocolFailure(404, 'NAME_UNKNOWN');
  const digest = resolve(state, reference);
  if (method === 'DELETE') {
    if (isDigest(reference)) store.commit({ op: 'delete-manifest', repository, digest });
    else store.commit({ op: 'delete-tag', repository, tag: reference });
    return reply(exchange, { status: 202 });
  }
  if (method !== 'GET' && method !== 'HEAD') throw new ProtocolFailure(405, 'UNSUPPORTED');
  const { mediaType, sizeBytes } = manifestOf(state, digest);
  const headers = { 'content-type': mediaType, 'docker-content-digest': digest, etag: `"${digest}"` };
  if (method === 'HEAD') return reply(exchange, { status: 200, headers, length: sizeBytes });
  return reply(exchange, { status: 200, headers, body: await store.read(digest) });
}

function resolve(state: RepositoryState, reference: string): Digest {
  const digest = isDigest(reference) ? reference : state.tags.get(reference);
  if (digest === undefined) throw new ProtocolFailure(404, 'MANIFEST_UNKNOWN');
  manifestOf(state, digest);
  return digest;
}

function manifestOf(state: RepositoryState, digest: Digest): { mediaType: string; sizeBytes: number } {
  const manifest = state.manifests.get(digest);
  if (!manifest) throw new ProtocolFailure(404, 'MANIFEST_UNKNOWN');
  return manifest;
}
