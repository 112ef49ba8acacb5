// SPDX-License-Identifier: Apache-2.0
import { RE2JS } from 're2js';

/** Why RE2 does not take a regular expression, or null when it does. RE2 has neither look-around nor back-references. */
export function re2Problem(pattern: string): string | null {
  try {
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'no regular expression';
  }
}
