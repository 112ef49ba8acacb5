// SPDX-License-Identifier: Apache-2.0
import { errorMessage, Secret } from '@promograph/errors';
import type { Credential } from './credential.ts';
import { RegistryError } from './registry-error.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** What google-auth-library says when nothing is set up; it has no code for it. */
const NOTHING_FOUND = /could not load the default credentials/i;

/** An access token of Google's application default credentials, or null when there are none. */
export type GoogleTokenSource = () => Promise<string | null>;

/** Whether `host` takes Google access tokens: Container Registry and Artifact Registry. */
export function isGoogleRegistry(host: string): boolean {
  return host === 'gcr.io' || host.endsWith('.gcr.io') || host.endsWith('.pkg.dev');
}

/** The login that Google's registries take for an access token. Error: `REGISTRY_CREDENTIALS`. */
export async function googleCredential(token: GoogleTokenSource): Promise<Credential | null> {
  const secret = await token().catch((cause: unknown) => {
    throw new RegistryError(
      'REGISTRY_CREDENTIALS',
      `Google application default credentials failed: ${errorMessage(cause)}`,
      {
        hint: 'Run gcloud auth application-default login, or mend GOOGLE_APPLICATION_CREDENTIALS.',
      },
    );
  });
  return secret === null ? null : { kind: 'basic', username: 'oauth2accesstoken', password: new Secret(secret) };
}

/** Tokens from google-auth-library, which keeps and renews them; loaded only when a Google host asks for a login. */
export function applicationDefaultTokens(): GoogleTokenSource {
  let auth: Promise<{ getAccessToken(): Promise<string | null | undefined> }> | null = null;
  return async () => {
    auth ??= import('google-auth-library').then(({ GoogleAuth }) => new GoogleAuth({ scopes: [SCOPE] }));
    try {
      return (await (await auth).getAccessToken()) ?? null;
    } catch (error) {
      if (NOTHING_FOUND.test(errorMessage(error))) return null;
      throw error;
    }
  };
}
