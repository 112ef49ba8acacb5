// SPDX-License-Identifier: Apache-2.0
import type { RegistryEvent } from '@promograph/registry';

/** What a run tells while it goes on. Front ends render it; the library prints nothing. */
export type PromoterEvent =
  | RegistryEvent
  | {
      readonly type: 'progress';
      readonly stage: 'read' | 'gate' | 'promote' | 'verify';
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'bytes'; readonly copiedBytes: number; readonly mountedBytes: number }
  | { readonly type: 'notice'; readonly message: string };
