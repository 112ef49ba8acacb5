// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Secret } from '@promograph/errors';

/** What proves who we are to one registry: a password, a refresh token for its token service, or a finished bearer token. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  | { readonly kind: 'identity'; readonly token: Secret }
  | { readonly kind: 'bearer'; readonly token: Secret };

/** A credential and where it came from, in words fit for a message: never the secret. */
export interface FoundCredential {
  readonly credential: Credential;
  readonly source: string;
}

/** Finds the credential for a host (with port) and a repository path; null means anonymous. */
export interface CredentialSource {
  /**
   * `isRefused` says that what was found before no longer works, so caches must not answer. Errors: `REGISTRY_CREDENTIALS`
   * when a source that is set up for the host fails.
   */
  find(host: string, path: string, isRefused?: boolean): Promise<FoundCredential | null>;
}

/** Never finds anything: for hosts that need no login, and for tests. */
export const ANONYMOUS: CredentialSource = { find: async () => null };

/** Whether both would be answered alike. */
export function isSameCredential(a: Credential, b: Credential): boolean {
  if (a.kind === 'basic') {
    return b.kind === 'basic' && a.username === b.username && a.password.reveal() === b.password.reveal();
  }
  return b.kind === a.kind && b.token.reveal() === a.token.reveal();
}

/** User names that mean no user but a kind of token. */
const TOKEN_NAMES: readonly string[] = ['<token>', 'oauth2accesstoken', 'AWS', '00000000-0000-0000-0000-000000000000'];

/** Names a login for the counting of requests: the same for every process that uses it, and no secret. */
export function accountOf(found: FoundCredential | null): string {
  if (found === null) return 'anonymous';
  const { credential, source } = found;
  const isUser = credential.kind === 'basic' && !TOKEN_NAMES.includes(credential.username);
  // Tokens change by the hour; where they come from does not.
  const name = isUser ? `user ${credential.username}` : `token ${source}`;
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}
