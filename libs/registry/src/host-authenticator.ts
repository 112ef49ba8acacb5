// SPDX-License-Identifier: Apache-2.0
import { BoundAuthorization } from './bound-authorization.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { accountOf, type CredentialSource, type FoundCredential, isSameCredential } from './credential.ts';
import { checkRealm, type RealmOwner, type SafeRealm } from './realm-policy.ts';
import { RegistryError, type RegistryErrorDetails } from './registry-error.ts';
import { mergeScopes } from './scope.ts';
import type { SharedToken, SharedTokens } from './shared-tokens.ts';
import type { IssuedToken, TokenQuestion } from './token-service.ts';

/** A token is renewed when this share of its life is over, so that it does not run out under way. */
const REFRESH_AT = 0.8;

/** What a call needs leave for. */
export interface AuthorizationRequest {
  /** Repository that credentials are looked up for. */
  readonly path: string;
  readonly scopes: readonly string[];
}

/** What a `HostAuthenticator` asks of others. */
export interface AuthenticatorOptions {
  readonly owner: RealmOwner;
  readonly origin: string;
  readonly credentials: CredentialSource;
  readonly requestToken: (question: TokenQuestion) => Promise<IssuedToken>;
  /** Tokens of other processes; without it each process asks for its own. */
  readonly sharedTokens?: SharedTokens | undefined;
  readonly now: () => number;
  /** Told once for each source that is used. */
  readonly onCredential: (source: string) => void;
  readonly onWarning: (message: string) => void;
}

/** The 401 that a call met, with its WWW-Authenticate header. */
type Refusal = RegistryErrorDetails & { readonly header: string | readonly string[] | undefined };

type Scheme =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: SafeRealm; readonly service: string | null };

interface HeldToken {
  readonly authorization: BoundAuthorization;
  readonly refreshAt: number;
}

/**
 * What one registry origin wants to see before it answers, learnt from its 401s: nothing until the first, then Basic or a
 * token per set of scopes. Everything it hands out is bound to the origin.
 */
export class HostAuthenticator {
  readonly #options: AuthenticatorOptions;
  #scheme: Scheme = { kind: 'none' };
  readonly #basic = new Map<string, BoundAuthorization>();
  readonly #tokens = new Map<string, HeldToken>();
  readonly #flights = new Map<string, Promise<BoundAuthorization>>();
  /** Scopes that the host asked for beyond ours, by our own set. */
  readonly #widened = new Map<string, readonly string[]>();
  readonly #told = new Set<string>();
  readonly #accounts = new Map<string, string>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** What to send with a request; at once where it is known, null where nothing was asked for yet. */
  current(request: AuthorizationRequest): BoundAuthorization | null | Promise<BoundAuthorization> {
    if (this.#scheme.kind === 'none') return null;
    if (this.#scheme.kind === 'basic') return this.#basic.get(request.path) ?? this.#fly(request, 'basic');
    const held = this.#tokens.get(keyOf(request));
    if (held && this.#options.now() < held.refreshAt) return held.authorization;
    return this.#fly(request, 'bearer');
  }

  /** Whose requests those for `path` are, as far as it is known yet. */
  accountFor(path: string): string {
    return this.#accounts.get(path) ?? accountOf(null);
  }

  /**
   * Something better than `failed`, which the host answered with 401 and `header`. Error `REGISTRY_UNAUTHORIZED`, made from
   * `refusal`, when there is nothing better.
   */
  async renew(
    request: AuthorizationRequest,
    failed: BoundAuthorization | null,
    refusal: Refusal,
  ): Promise<BoundAuthorization> {
    const challenge = this.#choose(refusal);
    if (challenge.scheme === 'basic') {
      this.#scheme = { kind: 'basic' };
      return this.#replace(request, failed, refusal);
    }
    const realm = checkRealm(challenge.parameters.get('realm') ?? '', this.#options.owner);
    this.#scheme = { kind: 'bearer', realm, service: challenge.parameters.get('service') ?? null };
    const scopes = mergeScopes(request.scopes, challenge.parameters.get('scope') ?? '');
    if (scopes !== request.scopes) this.#widened.set(keyOf(request), scopes);
    return this.#replace(request, failed, refusal);
  }

  #choose(refusal: Refusal): Challenge {
    const challenges = parseChallenges(refusal.header);
    const chosen =
      challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm')) ??
      challenges.find(({ scheme }) => scheme === 'basic');
    if (chosen) return chosen;
    const offered = challenges.map(({ scheme }) => scheme).join(', ');
    throw new RegistryError(
      'REGISTRY_UNAUTHORIZED',
      offered === ''
        ? 'not authorised, and the host does not say how'
        : `the host asks for ${offered}, which is not supported`,
      refusal,
    );
  }

  async #replace(
    request: AuthorizationRequest,
    failed: BoundAuthorization | null,
    refusal: RegistryErrorDetails,
  ): Promise<BoundAuthorization> {
    const kind = this.#scheme.kind === 'basic' ? 'basic' : 'bearer';
    const cache = kind === 'basic' ? this.#basic.get(request.path) : this.#tokens.get(keyOf(request))?.authorization;
    // Another call that failed with the same token has renewed it meanwhile.
    if (cache && failed && !cache.equals(failed)) return cache;
    if (kind === 'bearer') this.#tokens.delete(keyOf(request));
    else this.#basic.delete(request.path);
    const better = await this.#fly(request, kind, failed);
    if (failed && better.equals(failed)) throw await this.#refused(request, refusal);
    return better;
  }

  /** One request for all callers that want the same thing at the same time. */
  #fly(
    request: AuthorizationRequest,
    kind: 'basic' | 'bearer',
    failed: BoundAuthorization | null = null,
  ): Promise<BoundAuthorization> {
    const key = kind === 'basic' ? `basic ${request.path}` : keyOf(request);
    const known = this.#flights.get(key);
    if (known) return known;
    const begun = kind === 'basic' ? this.#findBasic(request, failed !== null) : this.#fetchToken(request, failed);
    const flight = begun.finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  async #findBasic(request: AuthorizationRequest, isRefused: boolean): Promise<BoundAuthorization> {
    const found = await this.#find(request, isRefused);
    if (found === null) throw this.#anonymous();
    const { credential } = found;
    if (credential.kind !== 'basic') {
      throw new RegistryError(
        'REGISTRY_CREDENTIALS',
        `${this.#options.owner.host} wants a password; ${found.source} has a token`,
      );
    }
    const authorization = BoundAuthorization.basic(
      this.#options.origin,
      credential.username,
      credential.password.reveal(),
    );
    this.#basic.set(request.path, authorization);
    return authorization;
  }

  async #fetchToken(request: AuthorizationRequest, failed: BoundAuthorization | null): Promise<BoundAuthorization> {
    const ask = async (found: FoundCredential | null): Promise<BoundAuthorization> => {
      if (found?.credential.kind === 'bearer') return this.#keep(request, found.credential.token.reveal(), Infinity);
      const asked = this.#options.now();
      const { token, useForMs } = await this.#issue(request, found, failed);
      return this.#keep(request, token, asked + useForMs);
    };
    const first = await this.#find(request, false);
    return ask(first).catch(async (error: unknown) => {
      if (first === null || !(error instanceof RegistryError) || error.code !== 'REGISTRY_UNAUTHORIZED') throw error;
      // A helper's password may have run out: ask it once more, and go on only if it says something else.
      const second = await this.#find(request, true);
      if (second === null || isSameCredential(first.credential, second.credential)) throw error;
      return ask(second);
    });
  }

  /** A token of this process or of another that has the same credential; never the one that failed. */
  #issue(
    request: AuthorizationRequest,
    found: FoundCredential | null,
    failed: BoundAuthorization | null,
  ): Promise<SharedToken> {
    if (this.#scheme.kind !== 'bearer') throw this.#anonymous();
    const { origin, owner, requestToken, sharedTokens } = this.#options;
    const { realm, service } = this.#scheme;
    const scopes = this.#widened.get(keyOf(request)) ?? request.scopes;
    const question = { realm, service, scopes, credential: found?.credential ?? null, account: accountOf(found) };
    const fetch = async (): Promise<SharedToken> => {
      const { token, lifeMs } = await requestToken(question).catch((error: unknown) => {
        throw found === null || !(error instanceof RegistryError) ? error : naming(error, found.source);
      });
      return { token, useForMs: lifeMs * REFRESH_AT };
    };
    const isRefused = (token: string): boolean => failed?.equals(BoundAuthorization.bearer(origin, token)) ?? false;
    return sharedTokens === undefined ? fetch() : sharedTokens.obtain({ host: owner.host, question, isRefused }, fetch);
  }

  #keep(request: AuthorizationRequest, token: string, refreshAt: number): BoundAuthorization {
    const authorization = BoundAuthorization.bearer(this.#options.origin, token);
    this.#tokens.set(keyOf(request), { authorization, refreshAt });
    return authorization;
  }

  async #find(request: AuthorizationRequest, isRefused: boolean): Promise<FoundCredential | null> {
    const { credentials, owner, onCredential, onWarning } = this.#options;
    const found = await credentials.find(owner.host, request.path, isRefused).catch((error: unknown) => {
      if (error instanceof RegistryError) onWarning(error.message);
      throw error;
    });
    this.#accounts.set(request.path, accountOf(found));
    const source = found?.source ?? 'anonymous';
    if (!this.#told.has(source)) onCredential(source);
    this.#told.add(source);
    return found;
  }

  #anonymous(): RegistryError {
    const { host } = this.#options.owner;
    return new RegistryError('REGISTRY_UNAUTHORIZED', `${host} wants a login, and no credentials for it were found`, {
      hint: `Log in to ${host} with docker login, or name an auth file.`,
    });
  }

  async #refused(request: AuthorizationRequest, refusal: RegistryErrorDetails): Promise<RegistryError> {
    const found = await this.#find(request, false);
    const error = new RegistryError('REGISTRY_UNAUTHORIZED', 'the host refused the credentials', refusal);
    return found === null ? error : naming(error, found.source);
  }
}

function keyOf(request: AuthorizationRequest): string {
  const [only] = request.scopes;
  return request.scopes.length === 1 && only !== undefined ? only : request.scopes.join(' ');
}

/** The same refusal with the place where its credentials came from, so that the reader knows what to mend. */
function naming(error: RegistryError, source: string): RegistryError {
  if (error.code !== 'REGISTRY_UNAUTHORIZED') return error;
  const { method, url, status, diagnostics } = error;
  return new RegistryError('REGISTRY_UNAUTHORIZED', `the credentials from ${source} were refused`, {
    ...(method === null ? {} : { method }),
    ...(url === null ? {} : { url }),
    status,
    diagnostics,
    hint: 'Log in again, or give this account access to the repository.',
  });
}
