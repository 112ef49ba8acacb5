// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream';
import type { ActionClass, Limiter, LimiterKey, Priority } from '@promograph/limiter';
import { isRegistryHost } from '@promograph/oci';
import type { BoundAuthorization } from './bound-authorization.ts';
import type { Connections, Lane } from './connections.ts';
import type { CredentialSource } from './credential.ts';
import { HostAuthenticator } from './host-authenticator.ts';
import { HostSlots } from './host-slots.ts';
import { isRedirect, MAX_REDIRECTS, safeLocation } from './redirect-policy.ts';
import type { RegistryEvent } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import type { RegistryProfile } from './registry-profile.ts';
import { type RetryPolicy, retrying } from './retry-policy.ts';
import type { SharedTokens } from './shared-tokens.ts';
import { statusFailure } from './status-failure.ts';
import type { Timeouts } from './timeouts.ts';
import { requestToken } from './token-service.ts';
import { wireFailure } from './wire-failure.ts';
import { type Method, sendGranted, type WireAnswer, type WireHeaders, type WireListeners } from './wire.ts';

/** One request to a registry, before authentication and redirects. */
export interface Call {
  readonly method: Method;
  /** On the registry's origin, with query. */
  readonly path: string;
  /** For an upload location on another host; then without credentials. Default: the registry's. */
  readonly origin?: string;
  readonly action: ActionClass;
  readonly priority: Priority;
  /** Repository path for the credential look-up, `''` for the host as a whole. */
  readonly repository: string;
  readonly scopes: readonly string[];
  readonly headers?: WireHeaders;
  /** Bytes can be sent again after a 401; a stream cannot. */
  readonly body?: Uint8Array | Readable;
  /** Statuses beside 2xx that the caller understands. */
  readonly alsoExpects?: readonly number[];
  readonly lane?: Lane;
  readonly headersTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer that was expected, and the URL that gave it after redirects. */
export interface Answer extends WireAnswer {
  readonly url: string;
}

/** Everything that the sessions of one client share. */
export interface SessionWorld {
  readonly limiter: Limiter;
  readonly connections: Connections;
  readonly credentials: CredentialSource;
  readonly sharedTokens: SharedTokens | undefined;
  readonly listeners: WireListeners;
  readonly emit: (event: RegistryEvent) => void;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly timeouts: Timeouts;
  readonly retry: RetryPolicy;
}

/** Docker Hub's API lives elsewhere than its name says. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  'docker.io': 'registry-1.docker.io',
  'index.docker.io': 'registry-1.docker.io',
};

/** Answers of 401 in a row: a stale token, then a host that wants a wider scope; a third is a refusal. */
const MAX_RENEWALS = 2;

/** One registry host as this process knows it: where it is, what it wants to see, how much it may be asked at once. */
export class HostSession {
  readonly host: string;
  readonly origin: string;
  readonly profile: RegistryProfile;
  readonly #world: SessionWorld;
  readonly #hostname: string;
  readonly #slots: HostSlots;
  readonly #authenticator: HostAuthenticator;
  readonly #keys = new Map<string, LimiterKey>();
  #hasAnswered = false;
  #isGivenUp = false;

  constructor(host: string, profile: RegistryProfile, world: SessionWorld) {
    if (!isRegistryHost(host)) throw new RegistryError('REGISTRY_REFUSED', `not a registry host: ${host}`);
    this.host = host;
    this.profile = profile;
    const url = new URL(`${profile.plainHttp ? 'http' : 'https'}://${ENDPOINTS[host] ?? host}`);
    this.origin = url.origin;
    this.#hostname = url.hostname;
    this.#world = world;
    this.#slots = new HostSlots(profile.concurrency);
    this.#authenticator = this.#newAuthenticator();
  }

  /** Runs `attempt` with the retries of one operation. A host that never answered is not waited for again and again. */
  async operation<T>(attempt: (isRepeated: boolean) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { retry, now, random, sleep, emit } = this.#world;
    const policy = this.#isGivenUp && !this.#hasAnswered ? { ...retry, attempts: 1 } : retry;
    const onRetry = (error: RegistryError, delayMs: number): void =>
      emit({
        type: 'retry',
        host: this.host,
        reason: `${error.code}${error.status === null ? '' : ` ${error.status}`}`,
        delayMs,
      });
    try {
      return await retrying(attempt, policy, { now, random, sleep, onRetry, signal });
    } catch (error) {
      if (!this.#hasAnswered && error instanceof RegistryError && error.code === 'REGISTRY_UNREACHABLE')
        this.#isGivenUp = true;
      throw signal?.aborted ? wireFailure(error, { method: 'GET', url: this.origin, signal }) : error;
    }
  }

  /** Sends a call in one of the host's slots and lets `read` have the answer; an answer not read to its end is dropped. */
  async exchange<T>(call: Call, read: (answer: Answer) => T | Promise<T>): Promise<T> {
    const waiting = this.#slots.take(call.priority, call.signal);
    if (waiting) await waiting;
    try {
      const answer = await this.send(call);
      try {
        return await read(answer);
      } finally {
        discard(answer);
      }
    } finally {
      this.#slots.give();
    }
  }

  /** Sends a call outside the slots: for bodies that stream. The caller must consume or discard the answer. */
  async send(call: Call): Promise<Answer> {
    const isOwn = call.origin === undefined || call.origin === this.origin;
    const request = { path: call.repository, scopes: call.scopes };
    const known = isOwn ? this.#authenticator.current(request) : null;
    let authorization = known instanceof Promise ? await known : known;
    for (let renewals = 0; ; renewals += 1) {
      const answer = await this.#follow(call, authorization);
      if (answer.status < 300 || call.alsoExpects?.includes(answer.status)) return answer;
      const { status, url, diagnostics, retryAfterMs } = answer;
      const failed = { method: call.method, url, status, diagnostics };
      if (answer.status !== 401 || !isOwn || !answer.url.startsWith(this.origin) || renewals === MAX_RENEWALS) {
        throw statusFailure({ ...failed, retryAfterMs });
      }
      const header = answer.headers['www-authenticate'];
      authorization = await this.#authenticator.renew(request, authorization, { ...failed, header });
      // The new token serves the next try; this body is spent.
      if (isStream(call.body)) throw statusFailure({ ...failed, retryAfterMs });
    }
  }

  /** One request and the redirects that it meets. Each hop has a grant of the host it goes to. */
  async #follow(call: Call, authorization: BoundAuthorization | null): Promise<Answer> {
    let origin = call.origin ?? this.origin;
    let path = call.path;
    for (let hops = 0; ; hops += 1) {
      const answer = await this.#hop(call, { origin, path, authorization });
      if (!isRedirect(answer.status) || call.alsoExpects?.includes(answer.status)) return answer;
      discard(answer);
      const from = new URL(path, origin);
      const location = answer.headers['location'];
      if (typeof location !== 'string' || !isRepeatable(call, answer.status) || hops === MAX_REDIRECTS) {
        const what = hops === MAX_REDIRECTS ? 'too many redirects' : 'a redirect that cannot be followed';
        throw new RegistryError('REGISTRY_PROTOCOL', what, { method: call.method, url: from, status: answer.status });
      }
      const target = safeLocation(location, from, this.#hostname);
      origin = target.origin;
      path = target.pathname + target.search;
    }
  }

  async #hop(
    call: Call,
    to: { readonly origin: string; readonly path: string; readonly authorization: BoundAuthorization | null },
  ): Promise<Answer> {
    const { limiter, connections, listeners, timeouts } = this.#world;
    const isOwn = to.origin === this.origin;
    const key = isOwn ? this.#key(call) : { host: new URL(to.origin).host, action: call.action };
    const options =
      call.signal === undefined ? { priority: call.priority } : { priority: call.priority, signal: call.signal };
    const url = to.origin + to.path;
    const grant = await limiter.acquire(key, options).catch((error: unknown) => {
      throw wireFailure(error, { method: call.method, url, signal: call.signal });
    });
    const answer = await sendGranted(
      grant,
      {
        ...to,
        connection: connections.to(to.origin, call.lane ?? (isOwn ? 'api' : 'body')),
        method: call.method,
        headers: call.headers,
        body: call.body,
        signal: call.signal,
        headersTimeoutMs: call.headersTimeoutMs ?? timeouts.headersMs,
      },
      listeners,
    );
    if (isOwn) this.#hasAnswered = true;
    return { ...answer, url };
  }

  #key({ action, repository }: Call): LimiterKey {
    const account = this.profile.countedPer === 'credential' ? this.#authenticator.accountFor(repository) : '';
    const known = this.#keys.get(action + account);
    if (known) return known;
    const key = { host: this.host, action, account };
    this.#keys.set(action + account, key);
    return key;
  }

  #newAuthenticator(): HostAuthenticator {
    const { limiter, connections, listeners, credentials, emit, now, sharedTokens } = this.#world;
    const { host, origin } = this;
    const { plainHttp, authHosts } = this.profile;
    return new HostAuthenticator({
      owner: { host, hostname: this.#hostname, plainHttp, authHosts },
      origin,
      credentials,
      sharedTokens,
      requestToken: (question) =>
        requestToken(question, { limiter, connections, listeners, registryOrigin: origin, registryHost: host }),
      now,
      onCredential: (source) => emit({ type: 'credential', host, source }),
      onWarning: (message) => emit({ type: 'warning', host, message }),
    });
  }
}

/** Drops what is left of an answer; one that was read to its end is untouched. */
export function discard(answer: WireAnswer): void {
  if (answer.body.readableEnded || answer.body.destroyed) return;
  answer.body.on('error', () => undefined);
  // Short remainders keep their connection, long ones are not worth waiting for.
  void answer.body.dump({ limit: 16 * 1024 }).catch(() => undefined);
}

function isStream(body: Call['body']): boolean {
  return body !== undefined && !(body instanceof Uint8Array);
}

/** 301 to 303 may turn other methods into GET: only 307 and 308 keep them. */
function isRepeatable(call: Call, status: number): boolean {
  if (call.method === 'GET' || call.method === 'HEAD') return true;
  return (status === 307 || status === 308) && !isStream(call.body);
}
