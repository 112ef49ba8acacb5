// SPDX-License-Identifier: Apache-2.0
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { TagLeaseStore } from '@promograph/limiter';
import type { CopyEvent } from './copy-event.ts';
import type { CopyRetryPolicy } from './copy-retry.ts';
import type { LaggardPolicy } from './fan-out-laggards.ts';
import type { RegistryClient } from './registry-client.ts';
import type { SpoolFileSystem } from './spool-directory.ts';

const MEBIBYTE = 1024 * 1024;

/** What a copy engine is made of. Sizes in bytes, times in milliseconds. */
export interface CopyEngineOptions {
  readonly client: RegistryClient;
  readonly leases: TagLeaseStore;
  /** Where blobs for slow destinations wait. Made when needed; files that a killed run left there are swept. */
  readonly spoolDir: string;
  /** Most that the spool holds; beyond it slow destinations hold back the others. Default 8 GiB. */
  readonly spoolCapBytes?: number;
  /** How far one destination of a blob may be behind the source before the source waits. Default 4 MiB. */
  readonly windowBytes?: number;
  /** All windows together. Default 256 MiB. */
  readonly bodyBudgetBytes?: number;
  /** Blobs read at once for one set of destination hosts. Default 8. */
  readonly blobConcurrency?: number;
  readonly laggardPolicy?: LaggardPolicy;
  /** Whether a host's profile has `ownMount`. Default: none has. */
  readonly ownMount?: (host: string) => boolean;
  readonly retry?: CopyRetryPolicy;
  readonly onEvent?: (event: CopyEvent) => void;
  /** Milliseconds of a clock that never jumps. */
  readonly clock?: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random?: () => number;
  readonly sleep?: Sleep;
  readonly fileSystem?: SpoolFileSystem;
}

/** Waits; rejects when the signal is aborted first. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Options with every default filled in, shared by all parts of one engine. */
export interface CopySettings extends Required<CopyEngineOptions> {
  /** Aborted when the engine is closed. */
  readonly closed: AbortSignal;
}

/** Fills in the defaults. */
export function copySettings(options: CopyEngineOptions, closed: AbortSignal): CopySettings {
  return {
    spoolCapBytes: 8 * 1024 * MEBIBYTE,
    windowBytes: 4 * MEBIBYTE,
    bodyBudgetBytes: 256 * MEBIBYTE,
    blobConcurrency: 8,
    // 2 s and a quarter of the median: long enough for a hiccup, short enough that the others hardly notice.
    laggardPolicy: { blockedMs: 2000, share: 0.25 },
    ownMount: () => false,
    retry: { attempts: 8, baseMs: 100, capMs: 30_000 },
    onEvent: () => undefined,
    clock: () => performance.now(),
    random: Math.random,
    sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
    fileSystem: { mkdir, open, readdir, rm },
    ...options,
    closed,
  };
}
