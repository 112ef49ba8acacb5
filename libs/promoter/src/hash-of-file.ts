// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { sha256Of } from './sha256-of.ts';

/** sha256 of a file in hexadecimal digits; null where it cannot be read. */
export function hashOfFile(path: string): string | null {
  try {
    return sha256Of(readFileSync(path));
  } catch {
    return null;
  }
}
