// SPDX-License-Identifier: Apache-2.0
export function replicateSession(..._rest: unknown[]): never {
  throw new Error('not yet');
}
