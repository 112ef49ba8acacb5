// SPDX-License-Identifier: Apache-2.0

/** A held right to write one tag. */
export interface TagLease extends AsyncDisposable {
  readonly reference: string;
}

/**
 * Keeps two promoters from writing one tag: a lease is taken for `host/path:tag` before the tag is read and written.
 * Leases expire, so that a killed process holds nobody back.
 */
export interface TagLeaseStore {
  /** Waits until the lease is free (at most its life), then holds it. `digest` tells others what is about to be written. */
  acquire(reference: string, digest: string, signal?: AbortSignal): Promise<TagLease>;
  /** What the lease covers: this process, this machine, or all machines that share the store. */
  readonly scope: 'process' | 'machine' | 'shared';
}
