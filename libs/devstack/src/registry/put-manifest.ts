// SPDX-License-Identifier: Apache-2.0
import {
  type Digest,
  digestAlgorithm,
  digestOf,
  isDigest,
  isNondistributableType,
  isTag,
  MAX_MANIFEST_BYTES,
} from '@promograph/oci';
import type { Exchange } from './exchange.ts';
import { type ManifestView, viewManifest } from './manifest-document-view.ts';
import { ProtocolFailure } from './protocol-failure.ts';
import { readBody } from './receive-body.ts';
import type { RegistryContext } from './registry-context.ts';
import { reply } from './reply.ts';
import type { RepositoryState } from './repository-state.ts';

const MAX_TAG_PARAMETERS = 100;
const EMPTY_VIEW: ManifestView = {
  schemaVersion: 2,
  mediaType: null,
  children: [],
  blobs: [],
  record: { artifactType: null, annotations: null, subject: null, contentBytes: 0 },
};

/** Takes a manifest by tag, or by digest with `?tag=` for any number of tags. */
export async function putManifest(context: RegistryContext, exchange: Exchange): Promise<void> {
  const { store, options } = context;
  const { repository, reference } = exchange.route;
  const maxBytes = options.maxManifestBytes ?? MAX_MANIFEST_BYTES;
  const bytes = await readBody(exchange, maxBytes);
  if (bytes === null) {
    throw new ProtocolFailure(413, 'SIZE_INVALID', { message: `manifests may have ${maxBytes} bytes` });
  }
  const tags = isDigest(reference) ? tagParameters(exchange) : [reference];
  const digest = digestFor(context, exchange, bytes);
  const view =
    options.permissive === true ? (viewManifest(bytes) ?? EMPTY_VIEW) : checkedView(context, exchange, bytes);
  refuseTagMoves(context, { repository, tags, digest });
  await store.write(digest, bytes);
  const mediaType = contentType(exchange) ?? view.mediaType ?? 'application/octet-stream';
  const manifest = { ...view.record, mediaType, sizeBytes: bytes.length, uploadedMs: context.now() };
  store.commit({ op: 'manifest', repository, digest, manifest });
  for (const tag of tags) store.commit({ op: 'tag', repository, tag, digest });
  return reply(exchange, {
    status: 201,
    headers: {
      location: `/v2/${repository}/manifests/${digest}`,
      'docker-content-digest': digest,
      ...(view.record.subject === null ? {} : { 'oci-subject': view.record.subject }),
      ...(isDigest(reference) && tags.length > 0 ? { 'oci-tag': tags } : {}),
    },
  });
}

function tagParameters({ query }: Exchange): string[] {
  const tags = [...new Set(query.getAll('tag'))];
  if (tags.length > MAX_TAG_PARAMETERS) throw new ProtocolFailure(414, 'UNSUPPORTED', { message: 'too many tags' });
  if (!tags.every(isTag)) throw new ProtocolFailure(400, 'TAG_INVALID');
  return tags;
}

function digestFor(context: RegistryContext, exchange: Exchange, bytes: Buffer): Digest {
  const { repository, reference } = exchange.route;
  if (!isDigest(reference)) return digestOf(bytes);
  const actual = digestOf(bytes, digestAlgorithm(reference));
  if (actual === reference) return actual;
  if (context.options.permissive !== true) {
    throw new ProtocolFailure(400, 'DIGEST_INVALID', { message: `the manifest's digest is ${actual}` });
  }
  context.mismatches.push({ repository, claimed: reference, actual });
  return reference;
}

function checkedView(context: RegistryContext, exchange: Exchange, bytes: Buffer): ManifestView {
  const view = viewManifest(bytes);
  if (view === null) throw invalid('not a JSON object');
  if (view.schemaVersion !== 2) throw invalid('schemaVersion is not 2');
  const header = contentType(exchange);
  if (header !== null && view.mediaType !== null && header !== view.mediaType) {
    throw invalid(`mediaType ${view.mediaType} under Content-Type ${header}`);
  }
  requireContent(context.store.repository(exchange.route.repository), view);
  return view;
}

function requireContent(state: RepositoryState | undefined, view: ManifestView): void {
  for (const { digest } of view.children) {
    if (!state?.manifests.has(digest as Digest)) throw unknownContent(digest);
  }
  for (const { digest, mediaType, hasUrls } of view.blobs) {
    const isElsewhere = hasUrls || isNondistributableType(mediaType);
    if (!isElsewhere && !state?.blobs.has(digest as Digest)) throw unknownContent(digest);
  }
}

function refuseTagMoves(
  { store, options }: RegistryContext,
  wanted: { repository: string; tags: readonly string[]; digest: Digest },
): void {
  if (options.immutableTags !== true) return;
  for (const tag of wanted.tags) {
    const current = store.repository(wanted.repository)?.tags.get(tag);
    if (current !== undefined && current !== wanted.digest) {
      throw new ProtocolFailure(400, 'TAG_INVALID', {
        message: `the tag ${tag} exists and cannot be overwritten because the repository is immutable`,
      });
    }
  }
}

function contentType({ request }: Exchange): string | null {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim();
  return type === undefined || type === '' ? null : type;
}

function invalid(message: string): ProtocolFailure {
  return new ProtocolFailure(400, 'MANIFEST_INVALID', { message });
}

function unknownContent(digest: string): ProtocolFailure {
  return new ProtocolFailure(404, 'MANIFEST_BLOB_UNKNOWN', { message: `${digest} is not in this repository` });
}
