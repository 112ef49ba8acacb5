// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 trade speed for memory. Requests leave nothing behind but short-lived objects, for which its defaults keep tens
 * of megabytes ready; `benchmarks/redirector.ts` measures both sides. For a process of its own, before it does anything.
 */
export function preferSmallHeap(): void {
  setFlagsFromString('--optimize-for-size');
}
