// SPDX-License-Identifier: Apache-2.0
import { redactUrl } from '@promograph/errors';
import { isLoopbackName } from '@promograph/registry';
import { SigningError } from '../signing-error.ts';
import type { ServiceRole } from './service-failure.ts';

/** Error `SIGNING_CONFIG` unless `url` is https, or http on this machine or of a metadata server, and names no user. */
export function checkServiceUrl(url: URL, role: ServiceRole, isLinkLocal = false): void {
  const isPlain = url.protocol === 'http:' && (isLinkLocal || isLoopbackName(url.hostname));
  if (url.protocol !== 'https:' && !isPlain) {
    throw new SigningError('SIGNING_CONFIG', `${role.name} must be reached over https: ${redactUrl(url)}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new SigningError('SIGNING_CONFIG', `the address of ${role.name} names a user: ${redactUrl(url)}`);
  }
}

/** `path` below `base`, which may have a path of its own. */
export function serviceUrl(base: URL, path: string): URL {
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  return url;
}
