// SPDX-License-Identifier: Apache-2.0
import type { Quota } from '@promograph/limiter';

/** What is known of a registry host, as data: built-in for well-known hosts, overridden by configuration. */
export interface RegistryProfile {
  readonly plainHttp: boolean;
  /** `auto` is learnt from the host's first answer. */
  readonly listing: 'auto' | 'google' | 'oci';
  /** Requests per second over all processes; null is no cap. */
  readonly requestsPerSecond: number | null;
  /** Further budgets, each kept beside that one. */
  readonly budgets: readonly Quota[];
  /** Whom the budgets belong to: all who use the host, or each login by itself. */
  readonly countedPer: 'host' | 'credential';
  /** Most requests in flight to this host from one process. */
  readonly concurrency: number;
  /** Largest page of `tags/list` that the host accepts. */
  readonly pageSize: number;
  /** Whether `mount` is worth a try within the host. */
  readonly mount: boolean;
  /**
   * Whether a mount from the repository itself tells whether a blob is there, and starts its upload where it is not: CNCF
   * distribution does. One request less for each missing blob. Off for clouds, which count uploads or never showed it.
   */
  readonly ownMount: boolean;
  /** PEM text of the host's certificate authority. */
  readonly ca: string | null;
  /** Hosts that the token realm may be on, beside the registry's own site. */
  readonly authHosts: readonly string[];
}
