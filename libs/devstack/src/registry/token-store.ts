// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import type { RegistryAction, RegistryAuth, RegistryUser } from './registry-options.ts';

/** What a token or an account allows, and until when. */
export interface Grant {
  readonly expiresMs: number;
  readonly allows: (repository: string, action: RegistryAction) => boolean;
  /** Whether the account behind it may read a repository, whatever the token's scope: what `_catalog` shows. */
  readonly sees: (repository: string) => boolean;
  /** Whether it may ask for `_catalog`. */
  readonly opensCatalog: boolean;
}

/** The scope of `_catalog`. */
export const CATALOG_SCOPE = 'registry:catalog:*';

/** One `repository:<name>:<actions>` of a scope parameter. */
interface Scope {
  readonly repository: string;
  readonly actions: readonly string[];
}

const DEFAULT_TOKEN_SECONDS = 300;
const ACTIONS: readonly RegistryAction[] = ['pull', 'push', 'delete'];

/** Issues and remembers the tokens of one registry. */
export class TokenStore {
  readonly #auth: RegistryAuth;
  readonly #now: () => number;
  readonly #access = new Map<string, Grant>();
  readonly #refresh = new Map<string, RegistryUser>();

  constructor(auth: RegistryAuth, now: () => number) {
    this.#auth = auth;
    this.#now = now;
  }

  get lifetimeSeconds(): number {
    return this.#auth.tokenSeconds ?? DEFAULT_TOKEN_SECONDS;
  }

  /** The account of a user name and password. */
  login(username: string, password: string): RegistryUser | undefined {
    return this.#auth.users.find((user) => user.username === username && user.password === password);
  }

  /** A token with what the scope parameters ask for as far as the user, or without one an anonymous reader, has it. */
  issue(user: RegistryUser | undefined, texts: readonly string[]): string {
    const scopes = parseScopes(texts);
    const token = randomBytes(24).toString('base64url');
    const granted = new Set<string>();
    for (const { repository, actions } of scopes) {
      for (const action of ACTIONS) {
        const isAsked = actions.includes(action) || actions.includes('*');
        if (isAsked && this.#has(user, repository, action)) granted.add(`${action} ${repository}`);
      }
    }
    const expiresMs = this.#now() + this.lifetimeSeconds * 1000;
    this.#access.set(token, {
      expiresMs,
      allows: (name, action) => granted.has(`${action} ${name}`),
      sees: (name) => this.#has(user, name, 'pull'),
      opensCatalog: texts.some((text) => text.split(' ').includes(CATALOG_SCOPE)),
    });
    return token;
  }

  issueRefresh(user: RegistryUser): string {
    const token = randomBytes(24).toString('base64url');
    this.#refresh.set(token, user);
    return token;
  }

  userOfRefresh(token: string): RegistryUser | undefined {
    return this.#refresh.get(token);
  }

  grant(token: string): Grant | undefined {
    return this.#access.get(token);
  }

  /** What an account may do without a token: of Basic. */
  grantOf(user: RegistryUser | undefined): Grant {
    return {
      expiresMs: Infinity,
      allows: (repository, action) => this.#has(user, repository, action),
      sees: (repository) => this.#has(user, repository, 'pull'),
      opensCatalog: true,
    };
  }

  #has(user: RegistryUser | undefined, repository: string, action: RegistryAction): boolean {
    if (!user) return this.#auth.anonymousPull === true && action === 'pull';
    if (!(user.actions ?? ACTIONS).includes(action)) return false;
    return user.repositories?.some((name) => repository === name || repository.startsWith(`${name}/`)) ?? true;
  }
}

/** Reads `repository:<name>:<action>,...`, several of them separated by spaces; other kinds are left out. */
function parseScopes(texts: readonly string[]): Scope[] {
  const scopes: Scope[] = [];
  for (const text of texts.flatMap((each) => each.split(' '))) {
    const parts = /^repository:([^:]+(?::\d+[^:]*)?):([a-z*,]+)$/.exec(text);
    if (parts) scopes.push({ repository: parts[1] ?? '', actions: (parts[2] ?? '').split(',') });
  }
  return scopes;
}
