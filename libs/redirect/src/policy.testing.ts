// SPDX-License-Identifier: Apache-2.0
import { checkConfig } from './check-config.ts';
import type { RedirectConfig } from './config-schema.ts';
import type { FrontRequest, Knowledge, Presence } from './decide.ts';
import { makePolicy } from './make-policy.ts';
import type { Policy } from './policy.ts';

/** The registries of the tests: a region with a store, one beside it, and the canonical registry in a third. */
export const CONFIG = {
  canonical: [
    { endpoint: 'https://canonical.example', prefix: 'prod/images' },
    { endpoint: 'https://spare.example', prefix: 'copy' },
  ],
  regions: {
    west: {
      endpoint: 'https://west.example',
      prefix: 'prod/images',
      next: ['east'],
      blobs: { endpoint: 'https://bucket.example' },
    },
    east: { endpoint: 'https://east.example', prefix: 'prod/images' },
    home: { endpoint: 'https://canonical.example', prefix: 'prod/images' },
  },
  default: 'east',
} satisfies RedirectConfig;

/** The policy of `CONFIG` with some keys replaced. */
export function policyOf(overrides: Partial<RedirectConfig> = {}): Policy {
  const checked = checkConfig({ ...CONFIG, ...overrides });
  if (!checked.isValid) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return makePolicy(checked.config);
}

/** A request from the region `west`; the path may carry a query. */
export function requestOf(target: string, overrides: Partial<FrontRequest> = {}): FrontRequest {
  const [path = '', ...query] = target.split('?');
  return { method: 'GET', path, query: query.join('?'), region: 'west', label: null, ...overrides };
}

/** Backends by name that fail, and what is known by start of an address; everything else is present. */
export interface WorldSpec {
  readonly failing?: readonly string[];
  readonly presence?: Readonly<Record<string, Presence>>;
}

export function knowledgeOf({ failing = [], presence = {} }: WorldSpec = {}): Knowledge {
  return {
    isHealthy: ({ name }) => !failing.includes(name),
    presence: ({ url }) => Object.entries(presence).find(([start]) => url.startsWith(start))?.[1] ?? 'present',
  };
}
