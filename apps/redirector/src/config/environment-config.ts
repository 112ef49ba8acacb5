// SPDX-License-Identifier: Apache-2.0
import { checkConfig, type RedirectConfig } from '@promograph/redirect';
import { RedirectorError } from '../redirector-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a key of the configuration comes from. */
const VARIABLES: Readonly<Record<string, string>> = {
  regions: 'UPSTREAM_REGISTRY_ENDPOINT, UPSTREAM_REGISTRY_PATH or DEFAULT_AWS_BASE_URL',
  canonical: 'SIGNATURE_UPSTREAM_ENDPOINT, UPSTREAM_REGISTRY_ENDPOINT or UPSTREAM_REGISTRY_PATH',
};

/** Google's load balancer appends the client's address and its own. */
const HOPS_OF_THE_LOAD_BALANCER = 2;

/**
 * The configuration that the variables of the Kubernetes project's redirector (archeio) stand for, null without
 * `UPSTREAM_REGISTRY_ENDPOINT`. They know one region and no address ranges, so that the object store serves every client.
 * Error: `REDIRECTOR_CONFIG_INVALID`.
 */
export function environmentConfig(env: Environment): RedirectConfig | null {
  const upstream = env['UPSTREAM_REGISTRY_ENDPOINT'] ?? '';
  if (upstream === '') return null;
  const prefix = (env['UPSTREAM_REGISTRY_PATH'] ?? '').replace(/^\/+|\/+$/g, '');
  const store = env['DEFAULT_AWS_BASE_URL'] ?? '';
  const signatures = env['SIGNATURE_UPSTREAM_ENDPOINT'] ?? '';
  const checked = checkConfig({
    canonical: [{ endpoint: signatures === '' ? upstream : signatures, prefix }],
    regions: { upstream: { endpoint: upstream, prefix, ...(store === '' ? {} : { blobs: { endpoint: store } }) } },
    default: 'upstream',
    client: { trustedHops: HOPS_OF_THE_LOAD_BALANCER },
  });
  if (checked.isValid) return checked.config;
  const lines = checked.issues.map(
    ({ path, message }) => `${VARIABLES[String(path[0])] ?? 'the environment'}: ${message}`,
  );
  throw new RedirectorError('REDIRECTOR_CONFIG_INVALID', lines.join('\n'));
}
