// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { RegistryOptions } from './registry-options.ts';
import type { RegistryStore } from './registry-store.ts';
import type { UploadSessions } from './upload-sessions.ts';

/** Content that a permissive registry took under a digest which is not its own. */
export interface Mismatch {
  readonly repository: string;
  readonly claimed: Digest;
  readonly actual: Digest;
}

/** What the routes of one registry share. */
export interface RegistryContext {
  readonly options: RegistryOptions;
  readonly store: RegistryStore;
  readonly uploads: UploadSessions;
  readonly mismatches: Mismatch[];
  readonly now: () => number;
}
