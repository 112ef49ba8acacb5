// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from './exchange.ts';
import { ProtocolFailure } from './protocol-failure.ts';
import type { RegistryAction, RegistryAuth } from './registry-options.ts';
import { CATALOG_SCOPE, type Grant, type TokenStore } from './token-store.ts';

/** The accounts of a registry, and the time. */
export interface AuthenticationGate {
  readonly auth: RegistryAuth;
  readonly tokens: TokenStore;
  readonly nowMs: number;
}

interface Need {
  readonly repository: string;
  readonly actions: readonly RegistryAction[];
}

/**
 * Checks the Authorization header against what the request needs, and sets `may`. Fails with 401 and a challenge for
 * what is missing: nothing valid sent, or a token whose scope does not reach.
 */
export function authenticate(exchange: Exchange, gate: AuthenticationGate): void {
  const { auth, tokens, nowMs } = gate;
  const header = exchange.request.headers.authorization;
  const needs = needsOf(exchange);
  const grant = grantOf(header, auth, tokens);
  if (grant === undefined || grant.expiresMs <= nowMs) {
    if (header !== undefined) throw challenge(exchange, auth, { needs, error: 'invalid_token' });
    const anonymous = tokens.grantOf(undefined);
    exchange.may = anonymous.allows;
    exchange.sees = anonymous.sees;
    if (auth.anonymousPull === true && needs.length > 0 && allowsAll(anonymous, needs)) return;
    throw challenge(exchange, auth, { needs });
  }
  exchange.may = grant.allows;
  exchange.sees = grant.sees;
  const opens = exchange.route.kind !== 'catalog' || grant.opensCatalog;
  if (opens && allowsAll(grant, needs)) return;
  if (auth.mode === 'basic') throw new ProtocolFailure(403, 'DENIED');
  throw challenge(exchange, auth, { needs, error: 'insufficient_scope' });
}

function grantOf(header: string | undefined, auth: RegistryAuth, tokens: TokenStore): Grant | undefined {
  if (auth.mode === 'bearer') {
    const token = /^bearer (.+)$/i.exec(header ?? '')?.[1];
    return token === undefined ? undefined : tokens.grant(token);
  }
  const credentials = parseBasic(header);
  const user = credentials && tokens.login(credentials.username, credentials.password);
  return user && tokens.grantOf(user);
}

/** User name and password of a Basic header. */
export function parseBasic(header: string | undefined): { username: string; password: string } | undefined {
  const encoded = /^basic (.+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [username = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':');
  return { username, password: rest.join(':') };
}

function needsOf({ method, route, query }: Exchange): Need[] {
  const { repository } = route;
  if (repository === '') return [];
  if (method === 'GET' || method === 'HEAD') {
    return [{ repository, actions: route.kind === 'upload' ? ['pull', 'push'] : ['pull'] }];
  }
  if (method === 'DELETE' && route.kind !== 'upload') return [{ repository, actions: ['delete'] }];
  const needs: Need[] = [{ repository, actions: ['pull', 'push'] }];
  const from = query.get('from');
  if (query.has('mount') && from !== null) needs.push({ repository: from, actions: ['pull'] });
  return needs;
}

function allowsAll(grant: Grant, needs: readonly Need[]): boolean {
  return needs.every(({ repository, actions }) => actions.every((action) => grant.allows(repository, action)));
}

interface Missing {
  readonly needs: readonly Need[];
  readonly error?: string;
}

function challenge(exchange: Exchange, auth: RegistryAuth, { needs, error }: Missing): ProtocolFailure {
  const scope = exchange.route.kind === 'catalog' ? CATALOG_SCOPE : needs.map(printNeed).join(' ');
  const parameters =
    auth.mode === 'basic'
      ? ['realm="devstack"']
      : [
          `realm="${auth.realm ?? `${originOf(exchange)}/token`}"`,
          `service="${auth.service ?? 'devstack'}"`,
          ...(scope === '' ? [] : [`scope="${scope}"`]),
          ...(error === undefined ? [] : [`error="${error}"`]),
        ];
  const scheme = auth.mode === 'basic' ? 'Basic' : 'Bearer';
  return new ProtocolFailure(401, 'UNAUTHORIZED', {
    headers: { 'www-authenticate': `${scheme} ${parameters.join(',')}` },
  });
}

function printNeed({ repository, actions }: Need): string {
  return `repository:${repository}:${actions.join(',')}`;
}

function originOf({ request }: Exchange): string {
  return `${'encrypted' in request.socket ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`;
}
