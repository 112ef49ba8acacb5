// SPDX-License-Identifier: Apache-2.0
import { errorMessage, redactText } from '@promograph/errors';
import { BoundAuthorization, type GoogleTokenSource } from '@promograph/registry';
import { SigningError } from '../signing-error.ts';
import { stringField } from './json-field.ts';
import { serviceUrl } from './service-url.ts';
import type { TokenRequest } from './token-source.ts';

const METADATA = { code: 'SIGNING_TOKEN', name: 'the metadata server' } as const;
const IAM = { code: 'SIGNING_TOKEN', name: 'the service of IAM credentials' } as const;
const METADATA_PATH = '/computeMetadata/v1/instance/service-accounts/default/identity';
const TIMEOUT_MS = 20_000;

/** The token of the machine's own service account; `GCE_METADATA_HOST` names another server. */
export async function metadataToken({ audience, client, env }: TokenRequest): Promise<string> {
  const host = env['GCE_METADATA_HOST'] ?? 'metadata.google.internal';
  const url = URL.canParse(`http://${host}`) ? new URL(METADATA_PATH, `http://${host}`) : null;
  if (url === null) throw new SigningError('SIGNING_CONFIG', 'GCE_METADATA_HOST is not a host name');
  url.searchParams.set('audience', audience);
  // Only the full format names the account.
  url.searchParams.set('format', 'full');
  const answer = await client.call({
    role: METADATA,
    method: 'GET',
    url,
    headers: { 'metadata-flavor': 'Google' },
    action: 'token',
    timeoutMs: TIMEOUT_MS,
    isLinkLocal: true,
  });
  return answer.body.toString('utf8');
}

/** Whose token is asked for, and with what. */
export interface Impersonation {
  /** E-mail address of the service account. */
  readonly account: string;
  readonly accessToken: GoogleTokenSource;
  readonly iamEndpoint: string;
}

/** A token of a service account that the caller may impersonate (`roles/iam.serviceAccountOpenIdTokenCreator`). */
export async function impersonatedToken(
  { audience, client }: TokenRequest,
  { account, accessToken, iamEndpoint }: Impersonation,
): Promise<string> {
  const bearer = await accessToken().catch((error: unknown) => {
    const reason = redactText(errorMessage(error));
    throw new SigningError('SIGNING_TOKEN', `no Google access token to impersonate ${account} with: ${reason}`);
  });
  if (bearer === null) {
    throw new SigningError('SIGNING_TOKEN', `no Google credentials to impersonate ${account} with`, {
      hint: 'Run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS.',
    });
  }
  const path = `/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:generateIdToken`;
  const url = serviceUrl(new URL(iamEndpoint), path);
  const answer = await client.call({
    role: IAM,
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ audience, includeEmail: true }),
    authorization: BoundAuthorization.bearer(url.origin, bearer),
    action: 'token',
    timeoutMs: TIMEOUT_MS,
  });
  return stringField(answer.body, 'token', IAM);
}
