// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { authenticate } from './authenticate.ts';
import { blobRoute } from './blob-routes.ts';
import { faultyRequestBody } from './body-faults.ts';
import type { Exchange } from './exchange.ts';
import type { FaultHook } from './fault.ts';
import { catalogRoute, referrersRoute, tagsRoute } from './listing-routes.ts';
import { manifestRoute } from './manifest-routes.ts';
import { parseRoute } from './parse-route.ts';
import { ConnectionLost, ProtocolFailure } from './protocol-failure.ts';
import type { RateCap } from './rate-cap.ts';
import type { RegistryContext } from './registry-context.ts';
import { reply, replyJson } from './reply.ts';
import type { RequestLog } from './request-log.ts';
import type { AuthorizationKind } from './request-record.ts';
import { resetConnection } from './reset-connection.ts';
import { tokenRoute } from './token-route.ts';
import type { TokenStore } from './token-store.ts';
import { uploadRoute } from './upload-routes.ts';

/** All that a request meets between the socket and the routes. */
export interface Gate {
  readonly context: RegistryContext;
  readonly log: RequestLog;
  readonly tokens: TokenStore | null;
  readonly rateCap: RateCap | null;
  faultHook: FaultHook | undefined;
}

/** Serves one request to its end; never rejects. */
export async function handleRequest(gate: Gate, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = openExchange(gate, request, response);
  response.once('close', () => gate.log.finish(exchange.record));
  try {
    await serve(gate, exchange);
  } catch (error) {
    await fail(exchange, error);
  }
}

function openExchange({ context, log }: Gate, request: IncomingMessage, response: ServerResponse): Exchange {
  const [path = '/', ...search] = (request.url ?? '/').split('?');
  const method = request.method ?? 'GET';
  const record = {
    method,
    path: request.url ?? '/',
    host: request.headers.host ?? '',
    authorization: authorizationKind(request),
    atMs: context.now(),
    status: 0,
    bytesIn: 0,
    bytesOut: 0,
    finished: false,
  };
  const route = parseRoute(decodePath(path));
  log.open(record, route.kind);
  const query = new URLSearchParams(search.join('?'));
  return { request, response, method, query, route, record, fault: undefined, may: () => true, sees: () => true };
}

async function serve(gate: Gate, exchange: Exchange): Promise<void> {
  const { options, now } = gate.context;
  exchange.fault = await askFault(gate, exchange);
  if ((options.latencyMs ?? 0) > 0) await sleep(options.latencyMs, undefined, { ref: false });
  if (await happened(exchange)) return;
  const waitMs = gate.rateCap?.admit() ?? 0;
  if (waitMs > 0) {
    const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
    throw new ProtocolFailure(429, 'TOOMANYREQUESTS', { headers });
  }
  const { auth } = options;
  if (auth && gate.tokens) {
    if (exchange.route.kind === 'token') return tokenRoute(exchange, auth, gate.tokens);
    authenticate(exchange, { auth, tokens: gate.tokens, nowMs: now() });
  }
  return dispatch(gate.context, exchange);
}

async function askFault({ faultHook, log }: Gate, exchange: Exchange): Promise<Exchange['fault']> {
  if (!faultHook) return undefined;
  const { method, query, route, record, request } = exchange;
  return faultHook({
    sequence: log.counts.total,
    method,
    path: record.path,
    query,
    headers: request.headers,
    authorization: record.authorization,
    route,
  });
}

/** Faults that take the place of the work. True when the request is over. */
async function happened(exchange: Exchange): Promise<boolean> {
  const { fault } = exchange;
  if (fault?.kind === 'delay') await sleep(fault.ms, undefined, { ref: false });
  if (fault?.kind === 'reset') {
    resetConnection(exchange.request.socket);
    return true;
  }
  if (fault?.kind !== 'status') return false;
  for await (const chunk of faultyRequestBody(exchange)) void chunk;
  await reply(exchange, {
    status: fault.status,
    headers: fault.headers ?? {},
    ...(fault.body === undefined ? {} : { body: Buffer.from(fault.body) }),
  });
  return true;
}

function dispatch(context: RegistryContext, exchange: Exchange): Promise<void> {
  switch (exchange.route.kind) {
    case 'ping':
      return replyJson(exchange, 200, { value: {} });
    case 'blob':
      return blobRoute(context, exchange);
    case 'upload':
      return uploadRoute(context, exchange);
    case 'manifest':
      return manifestRoute(context, exchange);
    case 'tags':
      return tagsRoute(context, exchange);
    case 'referrers':
      return referrersRoute(context, exchange);
    case 'catalog':
      return catalogRoute(context, exchange);
    default:
      throw new ProtocolFailure(404, 'NAME_INVALID');
  }
}

async function fail(exchange: Exchange, error: unknown): Promise<void> {
  const { response } = exchange;
  if (error instanceof ConnectionLost || response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const failure = error instanceof ProtocolFailure ? error : new ProtocolFailure(500, 'UNKNOWN', messageOf(error));
  const { status, code, message, headers } = failure;
  await replyJson(exchange, status, { value: { errors: [{ code, message }] }, headers }).catch(() => {
    response.destroy();
  });
}

function messageOf(error: unknown): { message: string } {
  return { message: error instanceof Error ? error.message : String(error) };
}

function authorizationKind({ headers }: IncomingMessage): AuthorizationKind {
  const scheme = (headers.authorization ?? '').split(' ', 1)[0]?.toLowerCase();
  return scheme === 'basic' || scheme === 'bearer' ? scheme : 'none';
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}
