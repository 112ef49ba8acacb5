// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's heap small: its space for new objects as it starts, and the one for old objects at most half as large again as
 * what is alive in it. Requests leave nothing behind but short-lived objects, for which V8 would otherwise keep thirty
 * megabytes more at hand, and what is small stays in the processor's caches; `benchmarks/redirector.ts` measures both. For
 * a process of its own, before it loads anything: what has grown stays as large.
 */
export function preferSmallHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
}
