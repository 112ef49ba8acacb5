// SPDX-License-Identifier: Apache-2.0
import { isLoopbackHost } from '@promograph/oci';
import type { RegistryProfile } from './registry-profile.ts';

/** What every host gets unless something better is known of it. */
export const DEFAULT_PROFILE: RegistryProfile = {
  plainHttp: false,
  listing: 'auto',
  requestsPerSecond: null,
  budgets: [],
  countedPer: 'host',
  concurrency: 32,
  pageSize: 1000,
  mount: true,
  ownMount: true,
  ca: null,
  authHosts: [],
};

const MINUTE_MS = 60_000;
const ALL = null;
const READS = ['read', 'head', 'list', 'token'] as const;
const WRITES = ['upload', 'manifestWrite'] as const;

/** Google counts by the minute: 5,000 requests per user and region where an operator has set no more. All may go at once. */
const GOOGLE: Partial<RegistryProfile> = {
  listing: 'google',
  ownMount: false,
  requestsPerSecond: 400,
  budgets: [{ requests: 4800, windowMs: MINUTE_MS, actions: ALL }],
  pageSize: 10_000,
};
/** ECR refuses pages above 1,000; each of its calls has a limit: PutImage 10 a second, start and end of an upload 100. */
const ECR: Partial<RegistryProfile> = {
  listing: 'oci',
  ownMount: false,
  requestsPerSecond: 200,
  budgets: [
    { requests: 10, windowMs: 1000, actions: ['manifestWrite'] },
    { requests: 100, windowMs: 1000, actions: ['upload'] },
  ],
};
/** Docker Hub counts manifest reads by the hour and answers tokens from another site. */
const DOCKER_HUB: Partial<RegistryProfile> = {
  listing: 'oci',
  ownMount: false,
  requestsPerSecond: 10,
  authHosts: ['auth.docker.io'],
};
/** GitHub: about 2,000 requests a minute and principal. */
const GHCR: Partial<RegistryProfile> = {
  listing: 'oci',
  ownMount: false,
  requestsPerSecond: 100,
  budgets: [{ requests: 1900, windowMs: MINUTE_MS, actions: ALL }],
};
/** Quay and Harbor publish no numbers; Azure's basic tier reads 1,000 and writes 100 times a minute. */
const AZURE: Partial<RegistryProfile> = {
  listing: 'oci',
  ownMount: false,
  requestsPerSecond: 50,
  budgets: [
    { requests: 960, windowMs: MINUTE_MS, actions: READS },
    { requests: 96, windowMs: MINUTE_MS, actions: WRITES },
  ],
};
/** The public-good services of sigstore publish no numbers: a modest rate. */
const SIGSTORE: Partial<RegistryProfile> = { requestsPerSecond: 20 };

/** Exact hosts, then `*.suffix` patterns (a further `*` is one label); the longest pattern that fits wins. */
export const BUILT_IN_PROFILES: Readonly<Record<string, Partial<RegistryProfile>>> = {
  'gcr.io': GOOGLE,
  '*.gcr.io': GOOGLE,
  '*.pkg.dev': GOOGLE,
  // Not all of amazonaws.com: ECR sends readers of blobs on to S3, which has no such limit.
  '*.dkr.ecr.*.amazonaws.com': ECR,
  '*.dkr.ecr.*.amazonaws.com.cn': ECR,
  'docker.io': DOCKER_HUB,
  'index.docker.io': DOCKER_HUB,
  'registry-1.docker.io': DOCKER_HUB,
  'ghcr.io': GHCR,
  '*.azurecr.io': AZURE,
  '*.sigstore.dev': SIGSTORE,
};

/**
 * The profile of `host`: defaults, then the built-in entry, then `overrides` (same patterns). Loopback hosts speak plain
 * HTTP and have no cap unless an override says otherwise.
 */
export function profileOf(
  host: string,
  overrides: Readonly<Record<string, Partial<RegistryProfile>>> = {},
): RegistryProfile {
  const loopback: Partial<RegistryProfile> = isLoopbackHost(host) ? { plainHttp: true } : {};
  return { ...DEFAULT_PROFILE, ...loopback, ...matching(BUILT_IN_PROFILES, host), ...matching(overrides, host) };
}

function matching(
  table: Readonly<Record<string, Partial<RegistryProfile>>>,
  host: string,
): Partial<RegistryProfile> | undefined {
  if (Object.hasOwn(table, host)) return table[host];
  const fitting = Object.keys(table).filter((pattern) => pattern.startsWith('*.') && fits(pattern, host));
  const longest = fitting.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : table[longest];
}

/** The star in front stands for one label or more, one further back for exactly one. */
function fits(pattern: string, host: string): boolean {
  const suffix = pattern.slice(2).split('.');
  const labels = host.split('.');
  const tail = labels.slice(-suffix.length);
  return labels.length > suffix.length && suffix.every((label, index) => label === '*' || label === tail[index]);
}
