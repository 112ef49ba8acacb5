// SPDX-License-Identifier: Apache-2.0
import type { Secret } from '@promograph/errors';
import type { Limiter } from '@promograph/limiter';
import { BoundAuthorization } from './bound-authorization.ts';
import { readJson } from './body-reader.ts';
import type { Connections } from './connections.ts';
import type { Credential } from './credential.ts';
import type { SafeRealm } from './realm-policy.ts';
import { RegistryError } from './registry-error.ts';
import { statusFailure } from './status-failure.ts';
import { sendGranted, type WireAnswer, type WireListeners, type WireRequest } from './wire.ts';

/** The distribution specification: a token without `expires_in` is good for this long. */
const DEFAULT_LIFE_S = 60;
const MAX_TOKEN_BYTES = 64 * 1024;
const CLIENT_ID = 'promograph';

/** What a token is asked for. */
export interface TokenQuestion {
  readonly realm: SafeRealm;
  readonly service: string | null;
  readonly scopes: readonly string[];
  readonly credential: Credential | null;
  /** Whom the request counts for, where the host counts each login by itself. */
  readonly account: string;
}

/** A token and how long it lives. */
export interface IssuedToken {
  readonly token: string;
  readonly lifeMs: number;
}

/** What token requests go through. */
export interface TokenServiceOptions {
  readonly limiter: Limiter;
  readonly connections: Connections;
  readonly listeners: WireListeners;
  /** The registry's own origin: a realm there shares its connections. */
  readonly registryOrigin: string;
  /** Key of the registry's budget, which its own token requests count against. */
  readonly registryHost: string;
}

/**
 * Asks a token service for a token: GET with Basic, or, with a refresh token, OAuth's POST (on 404 GET as well). Redirects
 * are refused. Errors: `REGISTRY_UNAUTHORIZED` when the service refuses, those of the wire, `REGISTRY_PROTOCOL`.
 */
export async function requestToken(question: TokenQuestion, options: TokenServiceOptions): Promise<IssuedToken> {
  if (question.credential?.kind === 'identity') {
    const answer = await send(refreshRequest(question, question.credential.token), question, options);
    if (answer.status !== 404 && answer.status !== 405) return tokenOf(answer, question);
  }
  return tokenOf(await send(getRequest(question), question, options), question);
}

type Question = Pick<WireRequest, 'method' | 'path' | 'headers' | 'body' | 'authorization' | 'secret'>;

function getRequest({ realm, service, scopes, credential }: TokenQuestion): Question {
  const url = new URL(realm.url);
  if (service !== null) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  return { method: 'GET', path: url.pathname + url.search, authorization: basicFor(url.origin, credential) };
}

function basicFor(origin: string, credential: Credential | null): BoundAuthorization | null {
  if (credential?.kind === 'basic') {
    return BoundAuthorization.basic(origin, credential.username, credential.password.reveal());
  }
  return credential?.kind === 'identity'
    ? BoundAuthorization.basic(origin, '<token>', credential.token.reveal())
    : null;
}

function refreshRequest({ realm, service, scopes }: TokenQuestion, refreshToken: Secret): Question {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: CLIENT_ID,
    refresh_token: refreshToken.reveal(),
  });
  if (service !== null) form.set('service', service);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  return {
    method: 'POST',
    path: realm.url.pathname + realm.url.search,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    secret: refreshToken,
  };
}

async function send(request: Question, question: TokenQuestion, options: TokenServiceOptions): Promise<WireAnswer> {
  const { url, isInferred } = question.realm;
  const isOwn = url.origin === options.registryOrigin;
  const host = isOwn ? options.registryHost : url.host;
  const connection = options.connections.to(url.origin, isInferred ? 'guarded' : 'api');
  // A token holds up calls that may be about to finish something: none of them may wait behind a scan.
  const key = { host, action: 'token', account: question.account } as const;
  const grant = await options.limiter.acquire(key, { priority: 'commit' });
  return sendGranted(grant, { ...request, connection, origin: url.origin }, options.listeners);
}

async function tokenOf(answer: WireAnswer, question: TokenQuestion): Promise<IssuedToken> {
  const method = question.credential?.kind === 'identity' ? 'POST' : 'GET';
  const url = question.realm.url.href;
  if (answer.status >= 300 && answer.status < 400) {
    answer.body.on('error', () => undefined).destroy();
    throw new RegistryError('REGISTRY_UNSAFE_REALM', 'the token service redirects', {
      method,
      url,
      status: answer.status,
    });
  }
  if (answer.status >= 400) throw refusal(statusFailure({ ...answer, method, url }), answer, question);
  const json = await readJson(answer, { method, url, maxBytes: MAX_TOKEN_BYTES });
  const fields = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const token = [fields['token'], fields['access_token']].find(isToken);
  if (token === undefined) {
    throw new RegistryError('REGISTRY_PROTOCOL', 'the token service answered without a token', { method, url });
  }
  const seconds = fields['expires_in'];
  const life = typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_LIFE_S;
  return { token, lifeMs: life * 1000 };
}

/** Token services say 400, 401 or 403 to credentials that they do not take: all mean the same to us. */
function refusal(error: RegistryError, answer: WireAnswer, question: TokenQuestion): RegistryError {
  if (![400, 401, 403].includes(answer.status)) return error;
  const what = question.credential === null ? 'no anonymous access' : 'the token service refused the credentials';
  return new RegistryError('REGISTRY_UNAUTHORIZED', what, {
    method: 'GET',
    url: question.realm.url,
    status: answer.status,
    diagnostics: answer.diagnostics,
  });
}

/** Visible ASCII: anything else could not stand in a header. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}
