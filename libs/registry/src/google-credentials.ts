// SPDX-License-Identifier: Apache-2.0
import { errorMessage, Secret } from '@promograph/errors';
import type { AuthClient } from 'google-auth-library';
import type { Credential } from './credential.ts';
import type { GoogleTransport } from './google-transport.ts';
import { metadataAccessTokens } from './metadata-tokens.ts';
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

/**
 * Tokens of the credentials file that google-auth-library finds, which keeps and renews them, else of the metadata server; all
 * requests through `transport`. The library is loaded only when a Google host asks for a login.
 */
export function applicationDefaultTokens(transport: GoogleTransport): GoogleTokenSource {
  const fromMetadata = metadataAccessTokens(transport);
  let opening: Promise<() => Promise<AuthClient>> | null = null;
  let isWithoutFile = false;
  return async () => {
    if (isWithoutFile) return fromMetadata();
    opening ??= openClients(transport);
    try {
      const client = await (await opening)();
      return (await client.getAccessToken()).token ?? null;
    } catch (error) {
      if (!NOTHING_FOUND.test(errorMessage(error))) throw error;
      isWithoutFile = true;
      return fromMetadata();
    }
  };
}

/** The library's client of the credentials file, with our transport wherever it would use its own. */
async function openClients({ fetch }: GoogleTransport): Promise<() => Promise<AuthClient>> {
  const { GoogleAuth, gaxios } = await import('google-auth-library');
  const transporter = new gaxios.Gaxios({ fetchImplementation: fetch });
  // A project that is told is not looked for: not with gcloud, not at the metadata server.
  const auth = new GoogleAuth({ scopes: [SCOPE], projectId: 'none', clientOptions: { transporter } });
  // The library asks the metadata server by itself, past any transporter: that is ours to do.
  auth._checkIsGCE = () => Promise.resolve(false);
  return async () => {
    const client = await auth.getClient();
    useTransporter(client, transporter);
    return client;
  };
}

/** Also in parts that the library makes without our options: what exchanges tokens, and whoever impersonates. */
function useTransporter(part: object, transporter: object, levels = 3): void {
  Reflect.set(part, 'transporter', transporter);
  for (const inner of Object.values(part) as unknown[]) {
    const isPart = typeof inner === 'object' && inner !== null && Object.hasOwn(inner, 'transporter');
    if (isPart && levels > 0) useTransporter(inner, transporter, levels - 1);
  }
}
