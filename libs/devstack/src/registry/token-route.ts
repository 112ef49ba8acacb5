// SPDX-License-Identifier: Apache-2.0
import { parseBasic } from './authenticate.ts';
import type { Exchange } from './exchange.ts';
import { ProtocolFailure } from './protocol-failure.ts';
import { readBody } from './receive-body.ts';
import type { RegistryAuth, RegistryUser } from './registry-options.ts';
import { replyJson } from './reply.ts';
import type { TokenStore } from './token-store.ts';

const MAX_FORM_BYTES = 64 * 1024;

/** `/token`: GET with Basic as the token protocol has it, POST with `password` or `refresh_token` as its OAuth2 form. */
export async function tokenRoute(exchange: Exchange, auth: RegistryAuth, tokens: TokenStore): Promise<void> {
  const form = exchange.method === 'POST' ? await readForm(exchange) : exchange.query;
  const user = exchange.method === 'POST' ? userOfForm(form, tokens) : userOfHeader(exchange, auth, tokens);
  const token = tokens.issue(user, form.getAll('scope'));
  const wantsRefresh = form.get('offline_token') === 'true' || form.get('access_type') === 'offline';
  const value = {
    token,
    access_token: token,
    expires_in: tokens.lifetimeSeconds,
    ...(user && wantsRefresh ? { refresh_token: tokens.issueRefresh(user) } : {}),
  };
  return replyJson(exchange, 200, { value });
}

function userOfHeader(exchange: Exchange, auth: RegistryAuth, tokens: TokenStore): RegistryUser | undefined {
  const header = exchange.request.headers.authorization;
  if (header === undefined && auth.anonymousPull === true) return undefined;
  const credentials = parseBasic(header);
  return required(credentials && tokens.login(credentials.username, credentials.password));
}

function userOfForm(form: URLSearchParams, tokens: TokenStore): RegistryUser {
  if (form.get('grant_type') === 'refresh_token')
    return required(tokens.userOfRefresh(form.get('refresh_token') ?? ''));
  if (form.get('grant_type') !== 'password') throw new ProtocolFailure(400, 'UNSUPPORTED');
  return required(tokens.login(form.get('username') ?? '', form.get('password') ?? ''));
}

function required(user: RegistryUser | undefined): RegistryUser {
  if (user) return user;
  throw new ProtocolFailure(401, 'UNAUTHORIZED', {
    message: 'wrong user name, password or token',
    headers: { 'www-authenticate': 'Basic realm="devstack"' },
  });
}

async function readForm(exchange: Exchange): Promise<URLSearchParams> {
  const body = await readBody(exchange, MAX_FORM_BYTES);
  if (body === null) throw new ProtocolFailure(413, 'SIZE_INVALID');
  return new URLSearchParams(body.toString());
}
