// SPDX-License-Identifier: Apache-2.0

/** `repository:<path>:pull`: reading. */
export function pullScope(path: string): string {
  return `repository:${path}:pull`;
}

/** `repository:<path>:pull,push`: writing. */
export function pushScope(path: string): string {
  return `repository:${path}:pull,push`;
}

/** Listing the repositories of a host. */
export const CATALOG_SCOPE = 'registry:catalog:*';

/**
 * The scopes to ask a token for: what the call needs, and in front of it what the host's challenge adds, because some token
 * services read only the first (go-containerregistry found the same).
 */
export function mergeScopes(needed: readonly string[], challenged: string): readonly string[] {
  const added = challenged.split(' ').filter((scope) => scope !== '' && !needed.some((own) => covers(own, scope)));
  return added.length === 0 ? needed : [...added, ...needed];
}

/** Whether `own` asks for the same thing and at least the actions of `other`. */
function covers(own: string, other: string): boolean {
  const [ownName, ownActions] = split(own);
  const [otherName, otherActions] = split(other);
  return ownName === otherName && otherActions.every((action) => ownActions.includes(action));
}

function split(scope: string): [string, string[]] {
  const colon = scope.lastIndexOf(':');
  return [scope.slice(0, colon), scope.slice(colon + 1).split(',')];
}
