// SPDX-License-Identifier: Apache-2.0

/** A repository of sources, apart from how it was spelled. */
interface SourceRepository {
  /** Lower case; empty when the spelling had none. */
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
}

const SPELLING = /^(?:git\+)?(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?<host>[^/@#?%\\]+)\/(?<rest>.+)$/i;

/**
 * Whether a provenance's `recorded` URI is the repository that a policy names: `git+`, a ref behind `@` or `#`, `.git` and a
 * trailing slash do not count, the host's case neither, the path's does; a scheme counts where the policy writes one. A URI
 * with credentials, or whose path could be read in two ways, is no repository.
 */
export function isSameRepository(expected: string, recorded: string): boolean {
  const want = parse(expected.trim());
  const got = parse(recorded.trim());
  if (want === null || got === null) return false;
  return want.host === got.host && want.path === got.path && (want.scheme === '' || want.scheme === got.scheme);
}

function parse(text: string): SourceRepository | null {
  const groups = SPELLING.exec(text)?.groups;
  const { scheme = '', host = '', rest = '' } = groups ?? {};
  const path = rest
    .replace(/[@#].*$/s, '')
    .replace(/\/$/, '')
    .replace(/\.git$/, '');
  if (host === '' || !isPlainPath(path)) return null;
  return { scheme: scheme.toLowerCase(), host: host.toLowerCase(), path };
}

function isPlainPath(path: string): boolean {
  if (/[?%\\\s]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
