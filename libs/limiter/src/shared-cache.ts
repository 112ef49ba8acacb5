// SPDX-License-Identifier: Apache-2.0

/** Short texts that all who share the store can read for a while. What is secret in them must be sealed by the caller. */
export interface SharedCache {
  /** Null when there is nothing, or its life has ended. */
  read(key: string): Promise<string | null>;
  write(key: string, value: string, lifeMs: number): Promise<void>;
  drop(key: string): Promise<void>;
  close(): Promise<void>;
}
