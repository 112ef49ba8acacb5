// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream';
import type { Secret } from '@promograph/errors';
import type { Grant, Limiter } from '@promograph/limiter';
import type { Dispatcher } from 'undici';
import { type BoundAuthorization, tracesOf } from './bound-authorization.ts';
import { readDiagnostics } from './diagnostics.ts';
import type { RegistryEvent } from './registry-client.ts';
import { RegistryError, type RegistryDiagnostic } from './registry-error.ts';
import { parseRetryAfter } from './retry-after.ts';
import { slowDownOf } from './slow-down.ts';
import { wireFailure } from './wire-failure.ts';

export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';

/** Every header that we send, beside the credentials: those come only from a `BoundAuthorization`. */
export interface WireHeaders {
  readonly accept?: string;
  readonly 'content-type'?: string;
  readonly 'content-length'?: string;
  /** What the metadata server of a Google machine wants to see. */
  readonly 'metadata-flavor'?: 'Google';
}

/** One request on one connection. */
export interface WireRequest {
  readonly connection: Dispatcher;
  readonly method: Method;
  /** Scheme, host and port. */
  readonly origin: string;
  /** With query. */
  readonly path: string;
  readonly headers?: WireHeaders | undefined;
  /** What a provider of credentials wants to see besides: never of our making, and without an Authorization. */
  readonly foreignHeaders?: Readonly<Record<string, string>>;
  readonly authorization?: BoundAuthorization | null;
  readonly body?: Uint8Array | Readable | string | undefined;
  /** A secret within the body, to be kept out of what the host may repeat of it. */
  readonly secret?: Secret;
  readonly signal?: AbortSignal | undefined;
  readonly headersTimeoutMs?: number | undefined;
}

/** An answer. Of one that is 400 or more the body is read already, into `diagnostics`; any other must be consumed. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Dispatcher.ResponseData['body'];
  readonly diagnostics: readonly RegistryDiagnostic[];
  readonly retryAfterMs: number | undefined;
}

/** What the wire reports to. */
export interface WireListeners {
  readonly limiter: Limiter;
  readonly emit: (event: RegistryEvent) => void;
  readonly epochMs: () => number;
}

const NO_DIAGNOSTICS: readonly RegistryDiagnostic[] = [];

/**
 * The only function that puts a request on a connection, and it takes a grant: a request that nobody asked the limiter for
 * does not compile. Reports what became of it to the limiter and to the listener.
 */
export async function sendGranted(grant: Grant, request: WireRequest, listeners: WireListeners): Promise<WireAnswer> {
  const { host } = grant.key;
  const { method } = request;
  if (grant.waitedMs >= 1) listeners.emit({ type: 'wait', host, waitedMs: grant.waitedMs });
  let response: Dispatcher.ResponseData;
  try {
    response = await dispatch(request);
  } catch (error) {
    listeners.limiter.report(grant.key, { status: null });
    listeners.emit({ type: 'request', host, method, status: null });
    throw wireFailure(error, { method, url: request.origin + request.path, signal: request.signal });
  }
  const { statusCode: status, headers, body } = response;
  listeners.emit({ type: 'request', host, method, status });
  if (status < 400) {
    listeners.limiter.report(grant.key, { status, ...slowDownOf(headers) });
    refuseEncoding(response, request);
    return { status, headers, body, diagnostics: NO_DIAGNOSTICS, retryAfterMs: undefined };
  }
  const said = await readDiagnostics(body, (text) => scrub(text, request));
  const retryAfterMs = status === 429 || status === 503 ? retryAfterOf(headers, said.text, listeners) : undefined;
  listeners.limiter.report(grant.key, { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  return { status, headers, body, diagnostics: said.diagnostics, retryAfterMs };
}

function dispatch(request: WireRequest): Promise<Dispatcher.ResponseData> {
  const authorization = request.authorization?.headerFor(request.origin) ?? null;
  return request.connection.request({
    origin: request.origin,
    path: request.path,
    method: request.method,
    headers: {
      'user-agent': 'promograph',
      ...request.foreignHeaders,
      'accept-encoding': 'identity',
      ...request.headers,
      ...(authorization === null ? undefined : { authorization }),
    },
    // undici closes the connection after every HEAD unless it is told not to: twelve times the cost over TLS.
    reset: false,
    ...(request.body === undefined ? undefined : { body: request.body }),
    ...(request.signal === undefined ? undefined : { signal: request.signal }),
    ...(request.headersTimeoutMs === undefined ? undefined : { headersTimeout: request.headersTimeoutMs }),
  });
}

/** Some hosts repeat in a refusal what they were sent. */
function scrub(text: string, { authorization, secret }: WireRequest): string {
  const traces = secret === undefined ? [] : tracesOf(secret.reveal());
  const clean = traces.reduce((rest, trace) => rest.replaceAll(trace, '[redacted]'), text);
  return authorization?.scrub(clean) ?? clean;
}

/** Bytes are hashed as they come: an encoding that nobody asked for would make them something else. */
function refuseEncoding(response: Dispatcher.ResponseData, request: WireRequest): void {
  const encoding = response.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity' || encoding === '') return;
  response.body.on('error', () => undefined).destroy();
  throw new RegistryError('REGISTRY_PROTOCOL', `an encoded answer (${String(encoding)}) that was not asked for`, {
    method: request.method,
    url: request.origin + request.path,
  });
}

function retryAfterOf(headers: WireAnswer['headers'], text: string, listeners: WireListeners): number | undefined {
  const header = headers['retry-after'];
  return parseRetryAfter(Array.isArray(header) ? header[0] : header, text, listeners.epochMs());
}
