// SPDX-License-Identifier: Apache-2.0
import type {
  AttestSettings,
  ReplicateSettings,
  ScanSettings,
  SigningSettings,
  StagingSettings,
} from './trust-settings.ts';

/** At most `requests` requests in any span of `seconds`, of all kinds or of those named. */
export interface RegistryBudget {
  readonly requests: number;
  readonly seconds: number;
  readonly actions?: readonly ('read' | 'head' | 'list' | 'token' | 'upload' | 'manifestWrite')[];
}

/** How one registry host is spoken to. Keys of `registries:` in `promograph.yaml`; unset ones come from built-in profiles. */
export interface RegistrySettings {
  readonly plainHttp?: boolean;
  readonly listing?: 'auto' | 'google' | 'oci';
  /** Budget of this host over all processes, requests per second. */
  readonly requestsPerSecond?: number;
  /** Further budgets, each kept beside `requestsPerSecond`. */
  readonly budgets?: readonly RegistryBudget[];
  /** Whom the budgets belong to: all who use the host, or each login by itself. */
  readonly countedPer?: 'host' | 'credential';
  /** Most requests in flight to this host from one process. */
  readonly concurrency?: number;
  /** A mount from the repository itself tells whether a blob is there, and starts its upload where it is not. */
  readonly ownMount?: boolean;
  /** PEM file with the certificate authority of this host, relative to `promograph.yaml`. */
  readonly caFile?: string;
  /** Hosts (with port) that this registry's token realm may be on, beside its own site. */
  readonly authHosts?: readonly string[];
}

/** `promograph.yaml`, checked. Data only: it is never executed. */
export interface PromographConfig {
  readonly apiVersion: 'promograph/v1';
  /** By host: exact (`registry.example.org:5000`) or `*.suffix`. */
  readonly registries: Readonly<Record<string, RegistrySettings>>;
  /** `localShare`: part of each budget that one process may use while a shared store cannot be reached. */
  readonly limiter: { readonly store: string; readonly localShare?: number };
  /** Null where the tree does not sign. */
  readonly signing: SigningSettings | null;
  readonly staging: StagingSettings;
  readonly attest: AttestSettings;
  /** Null where nothing is scanned. */
  readonly scan: ScanSettings | null;
  /** Null where signatures are not replicated. */
  readonly replicate: ReplicateSettings | null;
  /** sha256 (hex) of the file, or null when there is none and defaults apply. */
  readonly sha256: string | null;
}
