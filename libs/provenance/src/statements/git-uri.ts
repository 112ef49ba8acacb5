// SPDX-License-Identifier: Apache-2.0

/** `git+https://host/path` of a git remote, without credentials; null for a remote that is not reached by HTTPS. */
export function gitUri(remote: string): string | null {
  if (!URL.canParse(remote)) return null;
  const { protocol, host, pathname } = new URL(remote);
  return protocol === 'https:' ? `git+https://${host}${pathname.replace(/\/+$/, '')}` : null;
}
