// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Digest, type DigestAlgorithm, digestAlgorithm, isDigest } from '@promograph/oci';
import { acceptMount } from './mount-blob.ts';
import type { Exchange } from './exchange.ts';
import { ProtocolFailure } from './protocol-failure.ts';
import type { RegistryContext } from './registry-context.ts';
import { reply } from './reply.ts';
import type { UploadSession } from './upload-sessions.ts';

/** `/v2/<name>/blobs/uploads/[<session>]`: start, mount, chunks, status, cancel and finish. */
export async function uploadRoute(context: RegistryContext, exchange: Exchange): Promise<void> {
  const { method, route } = exchange;
  if (route.reference === '') {
    if (method !== 'POST') throw new ProtocolFailure(405, 'UNSUPPORTED');
    return start(context, exchange);
  }
  const session = context.uploads.find(route.repository, route.reference);
  if (method === 'GET') return reply(exchange, { status: 204, headers: progress(session) });
  const work = { PATCH: append, PUT: finish, DELETE: cancel }[method];
  if (!work) throw new ProtocolFailure(405, 'UNSUPPORTED');
  return context.uploads.inTurn(session, () => work(context, exchange, session));
}

async function start(context: RegistryContext, exchange: Exchange): Promise<void> {
  const { repository } = exchange.route;
  if (await acceptMount(context, exchange)) return;
  const digest = exchange.query.get('digest');
  const wanted = digest === null ? null : requireDigest(digest);
  const session = await context.uploads.start(repository, algorithmFor(exchange, wanted));
  if (wanted !== null) return finish(context, exchange, session);
  return reply(exchange, { status: 202, headers: progress(session) });
}

async function append(context: RegistryContext, exchange: Exchange, session: UploadSession): Promise<void> {
  await receiveInOrder(context, exchange, session);
  return reply(exchange, { status: 202, headers: progress(session) });
}

async function finish(context: RegistryContext, exchange: Exchange, session: UploadSession): Promise<void> {
  const { store, uploads, options, mismatches } = context;
  const { repository } = session;
  const claimed = requireDigest(exchange.query.get('digest'));
  await receiveInOrder(context, exchange, session);
  const actual = await digestOfUpload(session, digestAlgorithm(claimed));
  if (actual !== claimed) {
    if (options.permissive !== true) {
      await uploads.cancel(session);
      throw new ProtocolFailure(400, 'DIGEST_INVALID', { message: `the content's digest is ${actual}` });
    }
    mismatches.push({ repository, claimed, actual });
  }
  uploads.forget(session);
  await store.adopt(session.file, claimed);
  store.commit({ op: 'blob', repository, digest: claimed, sizeBytes: session.sizeBytes });
  const location = `/v2/${repository}/blobs/${claimed}`;
  return reply(exchange, { status: 201, headers: { location, 'docker-content-digest': claimed } });
}

async function cancel(context: RegistryContext, exchange: Exchange, session: UploadSession): Promise<void> {
  await context.uploads.cancel(session);
  return reply(exchange, { status: 204 });
}

async function receiveInOrder(context: RegistryContext, exchange: Exchange, session: UploadSession): Promise<void> {
  const isChecked = context.options.permissive !== true;
  const range = isChecked ? exchange.request.headers['content-range'] : undefined;
  const bounds = range === undefined ? null : /^(\d+)-(\d+)$/.exec(range);
  if (range !== undefined && Number(bounds?.[1]) !== session.sizeBytes) {
    throw new ProtocolFailure(416, 'BLOB_UPLOAD_INVALID', {
      message: `expected the byte at ${session.sizeBytes}`,
      headers: progress(session),
    });
  }
  const length = await context.uploads.append(session, exchange);
  if (bounds && Number(bounds[2]) - Number(bounds[1]) + 1 !== length) {
    await context.uploads.cancel(session);
    throw new ProtocolFailure(400, 'SIZE_INVALID', { message: `Content-Range ${range} with ${length} bytes` });
  }
}

function progress(session: UploadSession): Record<string, string> {
  return {
    location: `/v2/${session.repository}/blobs/uploads/${session.id}?have=${session.sizeBytes}`,
    'docker-upload-uuid': session.id,
    range: `0-${Math.max(0, session.sizeBytes - 1)}`,
  };
}

function requireDigest(text: string | null): Digest {
  if (text === null || !isDigest(text)) throw new ProtocolFailure(400, 'DIGEST_INVALID');
  return text;
}

function algorithmFor(exchange: Exchange, digest: Digest | null): DigestAlgorithm {
  if (digest !== null) return digestAlgorithm(digest);
  const wanted = exchange.query.get('digest-algorithm') ?? 'sha256';
  if (wanted !== 'sha256' && wanted !== 'sha512') throw new ProtocolFailure(400, 'DIGEST_INVALID');
  return wanted;
}

/** The running hash where it is of the right algorithm; otherwise the file is read once more. */
async function digestOfUpload(session: UploadSession, algorithm: DigestAlgorithm): Promise<Digest> {
  let hash = session.hash;
  if (algorithm !== session.algorithm) {
    hash = createHash(algorithm);
    for await (const chunk of createReadStream(session.file)) hash.update(chunk as Buffer);
  }
  return `${algorithm}:${hash.digest('hex')}` as Digest;
}
