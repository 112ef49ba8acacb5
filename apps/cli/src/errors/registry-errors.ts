// SPDX-License-Identifier: Apache-2.0
import type { RegistryErrorCode } from '@promograph/registry';
import type { ErrorExplanation } from './error-explanation.ts';

/** Errors between us and a registry. */
export const REGISTRY_ERRORS: Readonly<Record<RegistryErrorCode, ErrorExplanation>> = {
  REGISTRY_UNAUTHORIZED: {
    outcome: 'outside',
    title: 'The registry does not accept the credentials',
    cause: 'No credentials were found for the host, or the registry answered 401 to those that were.',
    remedy: 'Log in to the host (`docker login`), and look with --verbose at which source of credentials is used.',
  },
  REGISTRY_FORBIDDEN: {
    outcome: 'outside',
    title: 'The registry knows the caller and refuses the action',
    cause: 'The account may not read or write this repository (status 403).',
    remedy: 'Grant the account access to the repository; look with --verbose at which account it is.',
  },
  REGISTRY_NOT_FOUND: {
    outcome: 'outside',
    title: 'The registry does not have what was asked for',
    cause: 'The repository, manifest or blob does not exist, or is hidden from the caller (status 404).',
    remedy: 'Check the name of the registry in promoter-manifest.yaml, and whether the account may read it.',
  },
  REGISTRY_UNREACHABLE: {
    outcome: 'outside',
    title: 'The registry cannot be reached',
    cause: 'The name does not resolve, the connection was refused or reset, or TLS failed; retries did not help.',
    remedy:
      'Check the host name, the network, proxies (HTTPS_PROXY) and, for own authorities, `caFile` in promograph.yaml.',
  },
  REGISTRY_TIMEOUT: {
    outcome: 'outside',
    title: 'The registry does not answer in time',
    cause: 'The connection, the answer or the flow of bytes stalled longer than is waited for; retries did not help.',
    remedy: 'Run again: what was copied is kept. If it stays so, look at the registry.',
  },
  REGISTRY_RATE_LIMITED: {
    outcome: 'outside',
    title: 'The registry goes on refusing for too many requests',
    cause: 'The host answered 429 although requests were slowed down.',
    remedy: 'Lower `requestsPerSecond` of the host in promograph.yaml, or run again later.',
  },
  REGISTRY_UNAVAILABLE: {
    outcome: 'outside',
    title: 'The registry has a fault of its own',
    cause: 'The host answered with a status of 500 or more; retries did not help.',
    remedy: 'Run again later: what was copied is kept.',
  },
  REGISTRY_REFUSED: {
    outcome: 'outside',
    title: 'The registry refuses the request as it is',
    cause:
      'The host answered with a status of 400 or more that no retry can change: an immutable tag, a policy of the registry.',
    remedy: 'Read what the registry says in the message.',
  },
  REGISTRY_QUOTA: {
    outcome: 'outside',
    title: "The registry's storage or pull quota is used up",
    cause: 'The host says that a quota is exceeded; waiting does not help soon.',
    remedy: 'Raise the quota or free space, then run again.',
  },
  REGISTRY_PROTOCOL: {
    outcome: 'outside',
    title: 'The registry answers against the protocol',
    cause:
      'A header or body that the distribution specification demands is missing or malformed, or the host is no registry.',
    remedy: 'Check that the host is a registry, and whether it wants plain HTTP (`plainHttp` in promograph.yaml).',
  },
  REGISTRY_DIGEST_MISMATCH: {
    outcome: 'outside',
    title: 'The bytes are not what their digest says',
    cause: 'A registry or something on the way changed or cut the content. Nothing further was written.',
    remedy: 'Run again; if it stays so, the content at the source is damaged: push it again.',
  },
  REGISTRY_UNSAFE_REDIRECT: {
    outcome: 'outside',
    title: 'The registry redirects to a place that is not safe to follow',
    cause: 'The redirect leaves HTTPS, points into a private network, or goes on too long.',
    remedy: 'Look at the address in the message; correct the registry.',
  },
  REGISTRY_UNSAFE_REALM: {
    outcome: 'outside',
    title: 'The registry names a token service that credentials are not sent to',
    cause: 'The token service is on another site than the registry, or not on HTTPS.',
    remedy: 'If the address is right, add its host to `authHosts` of the registry in promograph.yaml.',
  },
  REGISTRY_CREDENTIALS: {
    outcome: 'outside',
    title: 'Credentials cannot be had',
    cause: 'The docker configuration cannot be read, or a credential helper or the cloud account failed.',
    remedy: 'Run the helper by hand, or log in again.',
  },
  REGISTRY_CANCELLED: {
    outcome: 'interrupted',
    title: 'The request was cancelled',
    cause: 'The run was interrupted.',
    remedy: 'Run again: what was copied is kept.',
  },
};
