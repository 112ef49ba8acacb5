// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's space for new objects small. Requests leave nothing behind but short-lived ones, for which it would otherwise
 * keep some ten megabytes more at hand; `benchmarks/redirector.ts` measures both sides. For a process of its own, before
 * it does anything.
 */
export function preferSmallHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
