// SPDX-License-Identifier: Apache-2.0
import { parseJson, textAt } from './json-fields.ts';
import type { OidcIssuer, TokenRequest } from './oidc-issuer.ts';
import { ServiceRefusal } from './service-refusal.ts';
import { bearerToken, type ServiceAnswer, type ServiceCall, type ServiceRoute } from './service-route.ts';

/** Bearer token of the CI and IAM endpoints. */
export const REQUEST_TOKEN = 'devstack-request-token';

/** Service account of the metadata endpoint. */
export const METADATA_ACCOUNT = 'metadata@devstack.example';

const METADATA = '/computeMetadata/v1/instance/service-accounts/default';
const IAM = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):generateIdToken$/;

/** Claims of the CI job that the GitHub-Actions endpoint stands for. */
const CI_CLAIMS = {
  job_workflow_ref: 'devstack/images/.github/workflows/promote.yaml@refs/heads/main',
  job_workflow_sha: '1111111111111111111111111111111111111111',
  workflow_ref: 'devstack/images/.github/workflows/promote.yaml@refs/heads/main',
  workflow_sha: '1111111111111111111111111111111111111111',
  workflow: 'promote',
  runner_environment: 'github-hosted',
  repository: 'devstack/images',
  repository_id: '1001',
  repository_owner: 'devstack',
  repository_owner_id: '2002',
  repository_visibility: 'public',
  ref: 'refs/heads/main',
  sha: '2222222222222222222222222222222222222222',
  event_name: 'push',
  run_id: '3003',
  run_attempt: '1',
} as const;

/** What a token of the GitHub-Actions endpoint says; tests mint variations of it. */
export const CI_TOKEN: TokenRequest = { subject: 'repo:devstack/images:ref:refs/heads/main', claims: CI_CLAIMS };

/**
 * The issuer itself, `/token` for any token (query or JSON body of a `TokenRequest`), and the endpoints that a signer
 * meets in the wild: GitHub Actions (`/ci/token`), the metadata server and IAM's `generateIdToken` of Google.
 */
export function tokenRoutes(oidc: OidcIssuer): readonly ServiceRoute[] {
  const get = { service: 'oidc', method: 'GET' } as const;
  const post = { service: 'oidc', method: 'POST' } as const;
  const json = (value: () => object) => (): ServiceAnswer => ({ status: 200, body: value() });
  return [
    { ...get, path: '/.well-known/openid-configuration', answer: json(() => oidc.discovery()) },
    { ...get, path: '/keys', answer: json(() => oidc.keys()) },
    { ...get, path: '/token', answer: ({ query }) => plain(oidc.mint(fromQuery(query))) },
    { ...post, path: '/token', answer: ({ body }) => plain(oidc.mint(parseJson(body))) },
    { ...get, path: '/ci/token', answer: (call) => ciToken(oidc, call) },
    { ...get, path: `${METADATA}/identity`, answer: (call) => metadataToken(oidc, call) },
    { ...get, path: `${METADATA}/email`, answer: (call) => flavoured(call, METADATA_ACCOUNT) },
    { ...get, path: `${METADATA}/token`, answer: (call) => flavoured(call, JSON.stringify(ACCESS_TOKEN)) },
    { ...get, path: /^\/computeMetadata\/v1\/instance\/?$/, answer: (call) => flavoured(call, '') },
    { ...post, path: IAM, answer: (call) => iamToken(oidc, call) },
  ];
}

const ACCESS_TOKEN = { access_token: REQUEST_TOKEN, expires_in: 3600, token_type: 'Bearer' } as const;

function fromQuery(query: URLSearchParams): TokenRequest {
  const { expiresInSeconds, claims, ...texts } = Object.fromEntries(query);
  return {
    ...texts,
    ...(expiresInSeconds === undefined ? {} : { expiresInSeconds: Number(expiresInSeconds) }),
    ...(claims === undefined ? {} : { claims: parseJson(claims) }),
  };
}

function ciToken(oidc: OidcIssuer, call: ServiceCall): ServiceAnswer {
  requireBearer(call);
  const value = oidc.mint({ ...CI_TOKEN, audience: call.query.get('audience') ?? 'https://github.com/devstack' });
  return { status: 200, body: { value, count: value.length } };
}

function metadataToken(oidc: OidcIssuer, call: ServiceCall): ServiceAnswer {
  const audience = call.query.get('audience');
  if (audience === null) throw new ServiceRefusal(400, 'non-empty audience parameter required');
  // Google tells the account in `email` only in this format.
  const isFull = call.query.get('format') === 'full';
  return flavoured(
    call,
    oidc.mint({ subject: METADATA_SUBJECT, audience, ...(isFull ? { email: METADATA_ACCOUNT } : {}) }),
  );
}

const METADATA_SUBJECT = '100000000000000000002';

function iamToken(oidc: OidcIssuer, call: ServiceCall): ServiceAnswer {
  requireBearer(call);
  const request = parseJson(call.body);
  const email = decodeURIComponent(IAM.exec(call.path)?.[1] ?? '');
  const identity = request['includeEmail'] === true ? { email } : {};
  const token = oidc.mint({ subject: `account-${email}`, audience: textAt(request, 'audience'), ...identity });
  return { status: 200, body: { token } };
}

function requireBearer(call: ServiceCall): void {
  if (bearerToken(call) !== REQUEST_TOKEN) throw new ServiceRefusal(401, 'Unauthorized');
}

function flavoured(call: ServiceCall, body: string): ServiceAnswer {
  if (call.headers['metadata-flavor'] !== 'Google')
    throw new ServiceRefusal(403, 'Missing Metadata-Flavor:Google header.');
  const type = body.startsWith('{') ? 'application/json' : 'text/plain';
  return { status: 200, body, headers: { 'content-type': type, 'metadata-flavor': 'Google' } };
}

function plain(body: string): ServiceAnswer {
  return { status: 200, body, headers: { 'content-type': 'text/plain' } };
}
