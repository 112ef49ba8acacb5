// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's space for young objects at the size that it has by now, until the function that it returns is called. Left
 * alone it goes on doubling; most objects of a run die young, so that costs pages and caches and saves nothing.
 */
export function holdYoungSpace(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  // Compiled code is kept with the flags that it was made under: a process must end with those that it began with.
  return () => setFlagsFromString('--semi-space-growth-factor=2');
}
