// SPDX-License-Identifier: Apache-2.0
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { openToken, signToken, type TokenClaims } from './identity-token.ts';

/** Whose token it is and how long it lives. */
export interface TokenRequest {
  /** Claim `sub`. Default: a fixed number, as Google gives. */
  readonly subject?: string;
  /** Claim `email`, told as verified. Default: `DEFAULT_SIGNER_EMAIL` unless a subject is given. */
  readonly email?: string;
  /** Default `sigstore`. */
  readonly audience?: string;
  /** Default: this issuer's URL. Fulcio takes others only when they are listed in `SigstoreOptions.issuers`. */
  readonly issuer?: string;
  /** Seconds until it expires, below 0 for an expired one. Default 3600. */
  readonly expiresInSeconds?: number;
  /** Further claims; they replace those above. */
  readonly claims?: TokenClaims;
}

/** The account of tokens that name nobody else. */
export const DEFAULT_SIGNER_EMAIL = 'signer@devstack.example';

const KEY_ID = 'devstack';

/** An OIDC issuer with one RSA key. */
export class OidcIssuer {
  readonly #now: () => number;
  readonly #publicKey: KeyObject;
  readonly #privateKey: KeyObject;
  /** Set once the port is known. */
  url = '';
  /** Tokens minted so far. */
  minted = 0;

  constructor(keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }, now: () => number) {
    this.#publicKey = keys.publicKey;
    this.#privateKey = keys.privateKey;
    this.#now = now;
  }

  /** Makes the RSA key off the main thread: it takes a tenth of a second and more. */
  static async create(now: () => number): Promise<OidcIssuer> {
    return new OidcIssuer(await promisify(generateKeyPair)('rsa', { modulusLength: 2048 }), now);
  }

  mint(request: TokenRequest = {}): string {
    this.minted += 1;
    const issuedAt = Math.floor(this.#now() / 1000);
    const email = request.email ?? (request.subject === undefined ? DEFAULT_SIGNER_EMAIL : undefined);
    const claims = {
      iss: request.issuer ?? this.url,
      aud: request.audience ?? 'sigstore',
      sub: request.subject ?? '100000000000000000001',
      ...(email === undefined ? {} : { email, email_verified: true }),
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + (request.expiresInSeconds ?? 3600),
      ...request.claims,
    };
    return signToken(claims, { id: KEY_ID, privateKey: this.#privateKey });
  }

  /** The claims of a token that this issuer's key signed; null for any other text. */
  open(token: string): TokenClaims | null {
    return openToken(token, this.#publicKey);
  }

  discovery(): object {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/auth`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/keys`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
  }

  keys(): object {
    return { keys: [{ ...this.#publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }] };
  }
}
