// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest } from '@promograph/oci';
import type { Exchange } from './exchange.ts';
import type { RegistryContext } from './registry-context.ts';
import { reply } from './reply.ts';

/**
 * Answers `POST ...?mount=<digest>[&from=<name>]` with 201 when the blob is in `from`, or, without it, in any repository
 * that the caller may read. False when there is nothing to mount and the request starts an upload as any other.
 */
export async function acceptMount(context: RegistryContext, exchange: Exchange): Promise<boolean> {
  const { repository } = exchange.route;
  const digest = exchange.query.get('mount');
  if (digest === null || !isDigest(digest)) return false;
  const sizeBytes = findSize(context, exchange, digest);
  if (sizeBytes === undefined) return false;
  context.store.commit({ op: 'blob', repository, digest, sizeBytes });
  const location = `/v2/${repository}/blobs/${digest}`;
  await reply(exchange, { status: 201, headers: { location, 'docker-content-digest': digest } });
  return true;
}

function findSize({ store }: RegistryContext, exchange: Exchange, digest: Digest): number | undefined {
  const from = exchange.query.get('from');
  if (from !== null) return store.repository(from)?.blobs.get(digest);
  for (const [name, { blobs }] of store.repositories) {
    const sizeBytes = blobs.get(digest);
    if (sizeBytes !== undefined && exchange.may(name, 'pull')) return sizeBytes;
  }
  return undefined;
}
