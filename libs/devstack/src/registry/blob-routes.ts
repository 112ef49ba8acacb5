// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest } from '@promograph/oci';
import type { Exchange } from './exchange.ts';
import { ProtocolFailure } from './protocol-failure.ts';
import type { RegistryContext } from './registry-context.ts';
import { reply } from './reply.ts';

/** `/v2/<name>/blobs/<digest>`: whole, in part, its existence, its end. */
export async function blobRoute({ store }: RegistryContext, exchange: Exchange): Promise<void> {
  const { method, route } = exchange;
  const { repository, reference } = route;
  if (!isDigest(reference)) throw new ProtocolFailure(400, 'DIGEST_INVALID');
  const state = store.repository(repository);
  if (!state) throw new ProtocolFailure(404, 'NAME_UNKNOWN');
  const sizeBytes = state.blobs.get(reference);
  if (sizeBytes === undefined) throw new ProtocolFailure(404, 'BLOB_UNKNOWN');
  if (method === 'DELETE') {
    store.commit({ op: 'delete-blob', repository, digest: reference });
    return reply(exchange, { status: 202 });
  }
  const headers = blobHeaders(reference);
  if (method === 'HEAD') return reply(exchange, { status: 200, headers, length: sizeBytes });
  if (method !== 'GET') throw new ProtocolFailure(405, 'UNSUPPORTED');
  const file = store.contentFile(reference);
  const range = parseRange(exchange.request.headers.range, sizeBytes);
  if (range === null) return reply(exchange, { status: 200, headers, body: { file, start: 0, end: sizeBytes - 1 } });
  const contentRange = `bytes ${range.start}-${range.end}/${sizeBytes}`;
  return reply(exchange, {
    status: 206,
    headers: { ...headers, 'content-range': contentRange },
    body: { file, ...range },
  });
}

function blobHeaders(digest: Digest): Record<string, string> {
  return {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
  };
}

/** One range of RFC 9110; null for the whole: no header, several ranges, another unit. */
function parseRange(header: string | undefined, sizeBytes: number): { start: number; end: number } | null {
  const parts = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(header ?? '');
  if (!parts) return null;
  const [, from, to, suffix] = parts;
  const start = from === undefined ? Math.max(0, sizeBytes - Number(suffix)) : Number(from);
  const end = to === undefined || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (start >= sizeBytes || end < start) {
    throw new ProtocolFailure(416, 'RANGE_INVALID', { headers: { 'content-range': `bytes */${sizeBytes}` } });
  }
  return { start, end };
}
