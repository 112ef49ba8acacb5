// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { GoogleTokenSource } from '@promograph/registry';
import { type IdentityToken, readIdentityToken } from './identity-token.ts';
import type { ServiceClient } from './service-client.ts';
import { impersonatedToken, metadataToken } from './google-identity.ts';
import { environmentToken, fileToken, githubToken } from './ambient-identity.ts';
import { shareFlight } from './share-flight.ts';

/** Where identity tokens come from: exactly one place, asked again when a token nears its end. */
export type TokenOrigin =
  | { readonly kind: 'github' }
  /** Default variable: `SIGSTORE_ID_TOKEN`. */
  | { readonly kind: 'env'; readonly variable?: string }
  /** Default path: `/var/run/sigstore/cosign/oidc-token`. */
  | { readonly kind: 'file'; readonly path?: string }
  | { readonly kind: 'metadata' }
  | { readonly kind: 'impersonate'; readonly account: string };

/** What sources need of the world. */
export interface TokenSourceOptions {
  readonly client: ServiceClient;
  /** E-mail address that the token must have, or any other name, which the certificate will be held against. */
  readonly subject: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default `sigstore`. */
  readonly audience?: string;
  readonly epochMs?: () => number;
  readonly readFile?: (path: string) => Promise<string>;
  /** Access tokens for impersonation. Default: there are none. */
  readonly accessToken?: GoogleTokenSource;
  /** Default: Google's. */
  readonly iamEndpoint?: string;
}

/** Gives checked identity tokens; a token is kept until 5 minutes before its end. Fails with `SigningError`. */
export interface TokenSource {
  token(signal?: AbortSignal): Promise<IdentityToken>;
  /** Tokens obtained so far. */
  obtained(): number;
}

/** What one origin is asked with. */
export interface TokenRequest {
  readonly audience: string;
  readonly client: ServiceClient;
  readonly env: TokenSourceOptions['env'];
}

const KEEP_UNTIL_BEFORE_END_MS = 300_000;

/** A source for one origin. It never tries another. */
export function createTokenSource(origin: TokenOrigin, options: TokenSourceOptions): TokenSource {
  const audience = options.audience ?? 'sigstore';
  const epochMs = options.epochMs ?? Date.now;
  const ask = askerOf(origin, options, { audience, client: options.client, env: options.env });
  let kept: IdentityToken | null = null;
  let count = 0;
  const fetchToken = async (): Promise<IdentityToken> => {
    const text = await ask();
    const token = readIdentityToken(text, { audience, subject: options.subject, nowMs: epochMs() });
    count += 1;
    kept = token;
    return token;
  };
  const shared = shareFlight(fetchToken);
  return {
    token: async (signal) =>
      kept !== null && epochMs() < kept.expiresAtMs - KEEP_UNTIL_BEFORE_END_MS ? kept : shared(signal),
    obtained: () => count,
  };
}

function askerOf(origin: TokenOrigin, options: TokenSourceOptions, request: TokenRequest): () => Promise<string> {
  switch (origin.kind) {
    case 'github':
      return () => githubToken(request);
    case 'env':
      return async () => environmentToken(origin.variable ?? 'SIGSTORE_ID_TOKEN', request);
    case 'file': {
      const read = options.readFile ?? ((path: string) => readFile(path, 'utf8'));
      return () => fileToken(origin.path ?? '/var/run/sigstore/cosign/oidc-token', read);
    }
    case 'metadata':
      return () => metadataToken(request);
    case 'impersonate': {
      const accessToken = options.accessToken ?? ((): Promise<null> => Promise.resolve(null));
      const iamEndpoint = options.iamEndpoint ?? 'https://iamcredentials.googleapis.com';
      return () => impersonatedToken(request, { account: origin.account, accessToken, iamEndpoint });
    }
  }
}
