// SPDX-License-Identifier: Apache-2.0

/** Order of two strings by UTF-16 code unit: the same on every machine, unlike `localeCompare`. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
