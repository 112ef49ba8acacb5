// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Secret } from '@promograph/errors';
import type { ActionClass, Limiter } from '@promograph/limiter';
import {
  type BoundAuthorization,
  Connections,
  DEFAULT_TIMEOUTS,
  type ProxySettings,
  readBody,
  type RegistryClientOptions,
  type RegistryEvent,
  RegistryError,
  type RetryPolicy,
  retrying,
  sendGranted,
  statusFailure,
  type Timeouts,
  type WireAnswer,
  type WireHeaders,
} from '@promograph/registry';
import { type ServiceRole, serviceFailure } from './service-failure.ts';
import { checkServiceUrl } from './service-url.ts';

/** What a client of signing services is made of; the defaults suit production. */
export interface ServiceClientOptions {
  readonly limiter: Limiter;
  readonly proxies?: ProxySettings;
  /** Certificate authority (PEM) of a host with port, null for the system's. */
  readonly caFor?: (host: string) => string | null;
  /** How host names become addresses, where no proxy does it. Default: the system's resolver. */
  readonly resolve?: RegistryClientOptions['resolve'];
  readonly timeouts?: Partial<Timeouts>;
  readonly retry?: Partial<RetryPolicy>;
  /** Connections to one host. Default 128. */
  readonly connections?: number;
  readonly onEvent?: (event: RegistryEvent) => void;
  readonly now?: () => number;
  readonly epochMs?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** One call of a service. */
export interface ServiceCall {
  readonly role: ServiceRole;
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: WireHeaders;
  readonly body?: Uint8Array | string;
  readonly authorization?: BoundAuthorization;
  /** A token within the body. */
  readonly secret?: Secret;
  /** Statuses beside 2xx that the caller understands; their bodies are not kept. */
  readonly alsoExpects?: readonly number[];
  /** Default `upload` for POST, `read` for GET. */
  readonly action?: ActionClass;
  /** One try, from the first byte sent to the last byte read. Default 60 s. */
  readonly timeoutMs?: number;
  /** Default 1 MiB. */
  readonly maxBytes?: number;
  /** Metadata servers: plain http, and never through a proxy. All others are asked over https, or on this machine. */
  readonly isLinkLocal?: boolean;
  /** Tries in all, where the client would try more often. */
  readonly mostAttempts?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A whole answer. `body` is empty where the status is 400 or more. */
export interface ServiceAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Buffer;
}

/** Asks signing services: granted, timed, limited in size, retried, never redirected. Fails with `SigningError`. */
export interface ServiceClient {
  call(call: ServiceCall): Promise<ServiceAnswer>;
  close(): Promise<void>;
}

const RETRY: RetryPolicy = { attempts: 6, totalMs: 180_000, leastDelayMs: 200, mostDelayMs: 15_000 };
const CALL_TIMEOUT_MS = 60_000;
const MAX_BYTES = 1024 * 1024;
/** Room for 50 signatures under way whose log and timestamp authority are one host. */
const CONNECTIONS = 128;

/** One client for all services; the owner closes it. */
export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const [proxied, direct] = [connectionsOf(options, options.proxies ?? {}), connectionsOf(options, {})];
  const world = {
    now: options.now ?? (() => performance.now()),
    random: options.random ?? Math.random,
    sleep: options.sleep ?? defaultSleep,
  };
  const policy = { ...RETRY, ...options.retry };
  return {
    call: async (call) => {
      checkServiceUrl(call.url, call.role, call.isLinkLocal);
      const connections = call.isLinkLocal === true ? direct : proxied;
      const attempts = Math.min(policy.attempts, call.mostAttempts ?? policy.attempts);
      const onRetry = (error: RegistryError, delayMs: number): void =>
        options.onEvent?.({ type: 'retry', host: call.url.host, reason: reasonOf(error), delayMs });
      const attempt = (): Promise<ServiceAnswer> => tryOnce(call, connections, options);
      try {
        return await retrying(attempt, { ...policy, attempts }, { ...world, onRetry, signal: call.signal });
      } catch (error) {
        throw call.signal?.aborted ? cancelled(call) : serviceFailure(error, call.role);
      }
    },
    close: async () => void (await Promise.all([proxied.close(), direct.close()])),
  };
}

function connectionsOf(options: ServiceClientOptions, proxies: ProxySettings): Connections {
  return new Connections({
    linkOf: (host) => ({ ca: options.caFor?.(host) ?? null, concurrency: options.connections ?? CONNECTIONS }),
    timeouts: { ...DEFAULT_TIMEOUTS, headersMs: CALL_TIMEOUT_MS, ...options.timeouts },
    proxies,
    resolve: options.resolve,
  });
}

async function tryOnce(
  call: ServiceCall,
  connections: Connections,
  options: ServiceClientOptions,
): Promise<ServiceAnswer> {
  const { method, url } = call;
  const key = { host: url.host, action: call.action ?? (method === 'POST' ? 'upload' : 'read') } as const;
  const grant = await options.limiter.acquire(key, {
    priority: 'commit',
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  // The deadline bounds the call, not the wait for leave to make it: a paused host is not a slow one.
  const deadline = AbortSignal.timeout(call.timeoutMs ?? CALL_TIMEOUT_MS);
  const signal = call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]);
  const listeners = {
    limiter: options.limiter,
    emit: options.onEvent ?? (() => undefined),
    epochMs: options.epochMs ?? Date.now,
  };
  const request = {
    connection: connections.to(url.origin, 'api'),
    method,
    origin: url.origin,
    path: url.pathname + url.search,
    headers: call.headers,
    signal,
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(call.authorization === undefined ? {} : { authorization: call.authorization }),
    ...(call.secret === undefined ? {} : { secret: call.secret }),
  };
  try {
    return await readAnswer(await sendGranted(grant, request, listeners), call, signal);
  } catch (error) {
    throw deadline.aborted && !call.signal?.aborted ? timedOut(call) : error;
  }
}

async function readAnswer(answer: WireAnswer, call: ServiceCall, signal: AbortSignal): Promise<ServiceAnswer> {
  const { status, headers, diagnostics, retryAfterMs } = answer;
  const [method, url] = [call.method, call.url.href];
  const location = typeof headers['location'] === 'string' ? headers['location'] : null;
  if (status >= 400) {
    if (call.alsoExpects?.includes(status)) return { status, location, body: Buffer.alloc(0) };
    throw statusFailure({ method, url, status, diagnostics, retryAfterMs });
  }
  if (status >= 300 || status < 200) {
    answer.body.on('error', () => undefined).destroy();
    const what = status >= 300 ? 'the service redirects, which is not followed' : 'an answer that does not fit';
    throw new RegistryError('REGISTRY_PROTOCOL', what, { method, url, status });
  }
  const body = await readBody(answer, { method, url, maxBytes: call.maxBytes ?? MAX_BYTES, signal });
  return { status, location, body };
}

function timedOut({ method, url }: ServiceCall): RegistryError {
  return new RegistryError('REGISTRY_TIMEOUT', 'the service did not answer in time', { method, url, retryable: true });
}

function cancelled({ method, url, signal }: ServiceCall): RegistryError {
  return new RegistryError('REGISTRY_CANCELLED', 'cancelled', { method, url, cause: signal?.reason });
}

function reasonOf(error: RegistryError): string {
  return `${error.code}${error.status === null ? '' : ` ${error.status}`}`;
}

function defaultSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return delay(ms, undefined, signal === undefined ? {} : { signal });
}
