// SPDX-License-Identifier: Apache-2.0

/** RFC 3339 in UTC as protobuf's JSON writes it: a fraction only where there is one. */
export function printTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
}
