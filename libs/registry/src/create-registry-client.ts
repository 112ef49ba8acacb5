// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Limiter } from '@promograph/limiter';
import type { Repository } from '@promograph/oci';
import { listCatalog } from './catalog-calls.ts';
import { Connections, type ProxySettings } from './connections.ts';
import { hasBlob, openBlob } from './content-calls.ts';
import type { CredentialSource } from './credential.ts';
import { HostSession, type SessionWorld } from './host-session.ts';
import { ListingStyle } from './listing-style.ts';
import { getManifest, headManifest, type ManifestPlace, putManifest } from './manifest-calls.ts';
import { SinglePost } from './post-blob.ts';
import type { Lookup } from './realm-policy.ts';
import { listReferrers } from './referrer-calls.ts';
import type { RegistryClient, RegistryEvent } from './registry-client.ts';
import type { RegistryProfile } from './registry-profile.ts';
import { inventoryOf, listContents, type ObservedHost, observeRepository } from './repository-contents.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './retry-policy.ts';
import { SharedTokens, type TokenSharing } from './shared-tokens.ts';
import { isNone, listTagPages } from './tag-calls.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from './timeouts.ts';
import { cancelUpload, finishUpload, startUpload } from './upload-calls.ts';

/** Everything a client is made of. The defaults suit production; tests bring their own time. */
export interface RegistryClientOptions {
  readonly limiter: Limiter;
  /** Asked once per host (with port). */
  readonly profileFor: (host: string) => RegistryProfile;
  readonly credentials: CredentialSource;
  /** A place for tokens that other processes may use as well. Default: none. */
  readonly tokens?: TokenSharing | undefined;
  readonly onEvent?: (event: RegistryEvent) => void;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY as the caller read them. Default: no proxy. */
  readonly proxies?: ProxySettings;
  /** How host names become addresses, where no proxy does it. Default: the system's resolver. */
  readonly resolve?: Lookup;
  readonly timeouts?: Partial<Timeouts>;
  readonly retry?: Partial<RetryPolicy>;
  readonly clock?: RegistryClock;
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Two ways to look at time: one for spans, which never jumps, and one for dates in headers. */
export interface RegistryClock {
  readonly now: () => number;
  readonly epochMs: () => number;
}

const SYSTEM_CLOCK: RegistryClock = { now: () => performance.now(), epochMs: () => Date.now() };

/** One client for all hosts; `close` ends its connections. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const world = worldOf(options);
  const hosts = new Map<string, OpenHost>();
  const hostOf = (host: string): OpenHost => {
    const known = hosts.get(host);
    if (known) return known;
    const name = host.toLowerCase();
    const profile = options.profileFor(name);
    const fresh = hosts.get(name) ?? openHost(new HostSession(name, profile, world));
    hosts.set(name, fresh).set(host, fresh);
    return fresh;
  };
  return {
    ...manifestMethods(hostOf),
    ...blobMethods(hostOf, world.timeouts),
    ...listingMethods(hostOf),
    close: () => world.connections.close(),
  };
}

interface OpenHost extends ObservedHost {
  readonly singlePost: SinglePost;
}

type HostOf = (host: string) => OpenHost;

function openHost(session: HostSession): OpenHost {
  return { session, style: new ListingStyle(session.profile), singlePost: new SinglePost(session) };
}

function manifestMethods(hostOf: HostOf): Pick<RegistryClient, 'headManifest' | 'getManifest' | 'putManifest'> {
  const place = (repository: Repository, reference: string): ManifestPlace => ({
    session: hostOf(repository.host).session,
    repository,
    reference,
  });
  return {
    headManifest: async (repository, reference, call = {}) => headManifest(place(repository, reference), call),
    getManifest: async (repository, reference, call = {}) => getManifest(place(repository, reference), call),
    putManifest: async (...[repository, reference, document, call = {}]) =>
      putManifest(place(repository, reference), document, call),
  };
}

function blobMethods(
  hostOf: HostOf,
  timeouts: Timeouts,
): Pick<RegistryClient, 'hasBlob' | 'openBlob' | 'startUpload' | 'postBlob' | 'finishUpload' | 'cancelUpload'> {
  const at = (repository: Repository): HostSession => hostOf(repository.host).session;
  return {
    hasBlob: async (repository, digest, call = {}) => hasBlob(at(repository), { repository, digest }, call),
    openBlob: async (repository, blob, call = {}) => openBlob(at(repository), { repository, blob }, call),
    startUpload: async (repository, call = {}) => startUpload(at(repository), repository, call),
    postBlob: async (...[repository, blob, bytes, call = {}]) =>
      hostOf(repository.host).singlePost.post({ repository, blob, bytes }, call),
    finishUpload: async (...[session, blob, body, call = {}]) =>
      finishUpload(at(session.repository), { session, blob, body, answerMs: timeouts.uploadAnswerMs }, call),
    cancelUpload: async (session, call = {}) => cancelUpload(at(session.repository), session, call),
  };
}

function listingMethods(
  hostOf: HostOf,
): Pick<
  RegistryClient,
  'observe' | 'listRepository' | 'listTags' | 'listTagDigests' | 'listCatalog' | 'listReferrers'
> {
  return {
    observe: async (repository, request, call = {}) =>
      observeRepository(hostOf(repository.host), { repository, request }, call),
    listRepository: async (repository, call = {}) => listContents(hostOf(repository.host), repository, call),
    listTags: async (repository, call = {}) => {
      const { session, style } = hostOf(repository.host);
      const listing = await listTagPages(session, { repository, pageSize: style.pageSize }, call);
      return isNone(listing) ? null : listing.tags;
    },
    listTagDigests: async (repository, call = {}) => {
      const { session, style } = hostOf(repository.host);
      const listing = await listTagPages(session, { repository, pageSize: style.pageSize }, call);
      return isNone(listing) ? null : inventoryOf(listing);
    },
    listCatalog: async (host, call = {}) => listCatalog(hostOf(host).session, call),
    listReferrers: async (repository, subject, call = {}) =>
      listReferrers(hostOf(repository.host).session, { repository, subject }, call),
  };
}

function worldOf(options: RegistryClientOptions): SessionWorld {
  const clock = options.clock ?? SYSTEM_CLOCK;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const emit = options.onEvent ?? (() => undefined);
  return {
    limiter: options.limiter,
    credentials: options.credentials,
    sharedTokens: options.tokens && new SharedTokens(options.tokens),
    connections: new Connections({
      linkOf: options.profileFor,
      timeouts,
      proxies: options.proxies ?? {},
      resolve: options.resolve,
    }),
    listeners: { limiter: options.limiter, emit, epochMs: clock.epochMs },
    emit,
    now: clock.now,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? ((ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal })),
    timeouts,
    retry: { ...DEFAULT_RETRY, ...options.retry },
  };
}
