// SPDX-License-Identifier: Apache-2.0
import type { FaultHook } from './fault.ts';

/** What a user may do with a repository; the words of the token protocol. */
export type RegistryAction = 'pull' | 'push' | 'delete';

/** One account of a registry with authentication. */
export interface RegistryUser {
  readonly username: string;
  readonly password: string;
  /** Default: everything. */
  readonly actions?: readonly RegistryAction[];
  /** Repositories, and what lies below them, that the account may touch. Default: all. */
  readonly repositories?: readonly string[];
}

/** Basic sends the password with each request; Bearer sends it to the token endpoint of the same server. */
export interface RegistryAuth {
  readonly mode: 'basic' | 'bearer';
  readonly users: readonly RegistryUser[];
  /** Reading needs no account. Default false. */
  readonly anonymousPull?: boolean;
  /** Lifetime of a token in seconds. Default 300. */
  readonly tokenSeconds?: number;
  /** The `realm` of the challenge, to point clients at another origin. Default: `/token` of this server. */
  readonly realm?: string;
  /** The `service` of the challenge. Default `devstack`. */
  readonly service?: string;
}

/** How `startRegistry` shapes the registry; every key has a default. */
export interface RegistryOptions {
  /** Directory of the content. Default: a temporary one that `close` removes. */
  readonly dir?: string;
  /** Default 0: a free port. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly listenHost?: string;
  /** Name in `url` and `host`. Default: `listenHost`. */
  readonly publicHost?: string;
  /** PEM key and certificate: serves HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly auth?: RegistryAuth;
  /** `google` adds the digest map of Artifact Registry to `tags/list`. Default `oci`. */
  readonly listing?: 'oci' | 'google';
  /** Whether `_catalog` answers. Default true. */
  readonly catalog?: boolean;
  /** An existing tag cannot be pointed at another digest (400 TAG_INVALID, as ECR answers). Default false. */
  readonly immutableTags?: boolean;
  /** Takes whatever it is given: no digest, name-of-blob or JSON check. What did not match is told by `mismatches`. Default false. */
  readonly permissive?: boolean;
  /** Requests answered in any one second; those above get 429 with Retry-After. Default: no cap. */
  readonly requestsPerSecond?: number;
  /** Wait before each answer. Default 0. */
  readonly latencyMs?: number;
  /** Largest manifest in bytes. Default 4 MiB. */
  readonly maxManifestBytes?: number;
  /** Called before each request is looked at; what it returns happens. */
  readonly onRequest?: FaultHook;
  /** Keep a record of each request. Default true. */
  readonly recordRequests?: boolean;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}
