// SPDX-License-Identifier: Apache-2.0
import { isDigest, MEDIA_TYPES } from '@promograph/oci';
import type { Exchange } from './exchange.ts';
import { googleListing } from './google-listing.ts';
import { paginate } from './paginate.ts';
import { ProtocolFailure } from './protocol-failure.ts';
import type { RegistryContext } from './registry-context.ts';
import { reply, replyJson } from './reply.ts';
import type { ManifestRecord } from './repository-state.ts';

/** `/v2/<name>/tags/list`, with the digest map where the registry lists as Google does. */
export function tagsRoute({ store, options }: RegistryContext, exchange: Exchange): Promise<void> {
  requireRead(exchange);
  const { repository: name } = exchange.route;
  const state = store.repository(name);
  const google = options.listing === 'google' ? googleListing(name, state, store.repositories.keys()) : null;
  if (!state && google === null) throw new ProtocolFailure(404, 'NAME_UNKNOWN');
  const sorted = [...(state?.tags.keys() ?? [])].sort();
  const { names: tags, headers } = paginate(sorted, exchange.query, `/v2/${name}/tags/list`);
  return replyJson(exchange, 200, { value: { name, tags, ...google }, headers });
}

/** `/v2/_catalog`, of the repositories that the caller may read. */
export function catalogRoute({ store, options }: RegistryContext, exchange: Exchange): Promise<void> {
  requireRead(exchange);
  if (options.catalog === false) throw new ProtocolFailure(404, 'UNSUPPORTED');
  const sorted = [...store.repositories.keys()].filter((name) => exchange.sees(name)).sort();
  const { names: repositories, headers } = paginate(sorted, exchange.query, '/v2/_catalog');
  return replyJson(exchange, 200, { value: { repositories }, headers });
}

/** `/v2/<name>/referrers/<digest>`: an index of the manifests with that subject, empty when there are none. */
export function referrersRoute({ store }: RegistryContext, exchange: Exchange): Promise<void> {
  requireRead(exchange);
  const { repository, reference } = exchange.route;
  if (!isDigest(reference)) throw new ProtocolFailure(400, 'DIGEST_INVALID');
  const artifactType = exchange.query.get('artifactType');
  const manifests = [...(store.repository(repository)?.manifests ?? [])]
    .filter(([, manifest]) => manifest.subject === reference)
    .filter(([, manifest]) => artifactType === null || manifest.artifactType === artifactType)
    .map(([digest, manifest]) => describe(digest, manifest));
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
  const headers = {
    'content-type': MEDIA_TYPES.ociIndex,
    ...(artifactType === null ? {} : { 'oci-filters-applied': 'artifactType' }),
  };
  return reply(exchange, { status: 200, headers, body: Buffer.from(JSON.stringify(index)) });
}

function describe(digest: string, manifest: ManifestRecord): object {
  const { mediaType, sizeBytes: size, artifactType, annotations } = manifest;
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === null ? {} : { artifactType }),
    ...(annotations === null ? {} : { annotations }),
  };
}

function requireRead({ method }: Exchange): void {
  if (method !== 'GET' && method !== 'HEAD') throw new ProtocolFailure(405, 'UNSUPPORTED');
}
