// SPDX-License-Identifier: Apache-2.0
import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isLoopbackName, isPrivateAddress, isPrivateLiteral } from './network-address.ts';
import { RegistryError } from './registry-error.ts';

/** The registry whose challenge named the realm. */
export interface RealmOwner {
  /** With port. */
  readonly host: string;
  readonly hostname: string;
  readonly plainHttp: boolean;
  /** Realm hosts that configuration allows (with port where it is not the default). */
  readonly authHosts: readonly string[];
}

/** A token service that the registry's credentials may go to. */
export interface SafeRealm {
  readonly url: URL;
  /** Whether the addresses of the host must be looked at before connecting: nobody wrote this host down. */
  readonly isInferred: boolean;
}

/** Pairs of registry and token service that are on different sites. */
const KNOWN_REALMS: Readonly<Record<string, readonly string[]>> = {
  'docker.io': ['auth.docker.io'],
  'index.docker.io': ['auth.docker.io'],
  'registry-1.docker.io': ['auth.docker.io'],
  'registry.gitlab.com': ['gitlab.com'],
  'registry.access.redhat.com': ['sso.redhat.com'],
};

/** Second levels below which anybody can register: no site of their own. */
const SHARED_SUFFIX = /^(?:ac|co|com|edu|gov|net|org)\.[a-z]{2}$/;

/**
 * Checks the `realm` of a bearer challenge. Error `REGISTRY_UNSAFE_REALM` unless it is https (http only where the registry
 * itself speaks http), on the registry's own host or site or on an allowed host, and not a private address; a registry on
 * this machine may name a realm on this machine.
 */
export function checkRealm(realm: string, owner: RealmOwner): SafeRealm {
  const url = URL.canParse(realm) ? new URL(realm) : null;
  const unsafe = (why: string): RegistryError =>
    new RegistryError('REGISTRY_UNSAFE_REALM', `${owner.host} names a token service ${why}: ${url?.host ?? 'no URL'}`, {
      hint: `If it is right, add the host to authHosts of ${owner.host}.`,
    });
  if (!url) throw unsafe('that is no URL');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && owner.plainHttp)) throw unsafe('without TLS');
  if (url.username !== '' || url.password !== '') throw unsafe('with user information');
  url.hash = '';
  if (url.hostname === owner.hostname) return { url, isInferred: false };
  if (isLoopbackName(owner.hostname) && isLoopbackName(url.hostname)) return { url, isInferred: false };
  if (isPrivateLiteral(url.hostname)) throw unsafe('that is not on the public network');
  const allowed = [...owner.authHosts, ...(KNOWN_REALMS[owner.host] ?? [])];
  if (allowed.includes(url.host)) return { url, isInferred: false };
  if (!isSameSite(url.hostname, owner.hostname)) throw unsafe('on another site');
  return { url, isInferred: true };
}

/** The realm is below the registry's host, above it, or beside it, and the part in common is not open to everybody. */
function isSameSite(realm: string, registry: string): boolean {
  if (realm.endsWith(`.${registry}`)) return true;
  const parent = registry.slice(registry.indexOf('.') + 1);
  if (!parent.includes('.') || SHARED_SUFFIX.test(parent)) return false;
  return realm === parent || realm.endsWith(`.${parent}`);
}

/** Answers a name with all its addresses. */
export type LookupCallback = (error: Error | null, addresses: LookupAddress[]) => void;
/** `dns.lookup` with `all`, as connections use it. */
export type Lookup = (hostname: string, options: LookupAllOptions, callback: LookupCallback) => void;

/**
 * A `lookup` for connections to inferred realms: a public name with a private address is refused at the moment of
 * connecting, when no second answer of the name server can differ from the one that was checked.
 */
export function publicLookup(
  resolve: Lookup = lookup,
): (hostname: string, options: object, callback: LookupCallback) => void {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      if (!addresses.some(({ address }) => isPrivateAddress(address))) return callback(null, addresses);
      const what = `the token service ${hostname} has an address that is not on the public network`;
      const hint = 'If it is right, add the host to authHosts of the registry.';
      callback(new RegistryError('REGISTRY_UNSAFE_REALM', what, { hint }), []);
    });
  };
}
