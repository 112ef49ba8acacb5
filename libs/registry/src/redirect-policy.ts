// SPDX-License-Identifier: Apache-2.0
import { isLoopbackName, isPrivateLiteral } from './network-address.ts';
import { RegistryError } from './registry-error.ts';

/** Redirects that one request may follow. */
export const MAX_REDIRECTS = 5;

/** Whether `status` sends a request elsewhere. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/**
 * Where a registry may send us on: resolves `location` against the URL that answered and refuses, with
 * `REGISTRY_UNSAFE_REDIRECT`, a step from https to http, other schemes, user information, and addresses that are not public
 * unless they are the registry's own host or the registry itself is on this machine.
 */
export function safeLocation(location: string, from: URL, registryHostname: string): URL {
  const target = resolve(location, from);
  const unsafe = (why: string, hint?: string): RegistryError =>
    new RegistryError('REGISTRY_UNSAFE_REDIRECT', `${from.host} points to ${target.host} ${why}`, {
      url: from,
      ...(hint === undefined ? {} : { hint }),
    });
  if (target.protocol !== 'https:' && target.protocol !== 'http:') throw unsafe('by another protocol');
  if (target.protocol === 'http:' && from.protocol === 'https:') {
    // The usual cause: a registry behind a proxy that ends TLS and does not tell it so.
    throw unsafe('without TLS', 'Tell the registry its external URL (X-Forwarded-Proto).');
  }
  if (target.username !== '' || target.password !== '') throw unsafe('with user information');
  if (target.hostname === registryHostname) return target;
  if (isPrivateLiteral(target.hostname) && !(isLoopbackName(registryHostname) && isLoopbackName(target.hostname))) {
    throw unsafe('on a network that is not public');
  }
  target.hash = '';
  return target;
}

function resolve(location: string, from: URL): URL {
  if (URL.canParse(location, from.href)) return new URL(location, from);
  throw new RegistryError('REGISTRY_PROTOCOL', 'a Location that is no URL', { url: from });
}
